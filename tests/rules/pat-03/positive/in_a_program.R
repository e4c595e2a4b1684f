# check this one again: NHS number 4865798285
x <- 1
