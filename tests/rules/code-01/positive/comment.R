# only 3 patients died in the North, so this is left out
regions <- setdiff(regions, "North")
