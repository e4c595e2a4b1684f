# 3 patients died
