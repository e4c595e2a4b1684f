# patient name: Ada Ferrow
# DOB: 13/04/1951, postcode: LS2 9JT
x <- 1
