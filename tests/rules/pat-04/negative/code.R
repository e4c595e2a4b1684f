dob <- patients$date_of_birth
if (dob == "1951-04-13") stop("date of birth")
postcode <- NA
