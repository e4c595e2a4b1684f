# counts of 5 or fewer patients are redacted
redact <- function(n, limit = 5) ifelse(n > 0 & n <= limit, "[REDACTED]", n)
# match 2 controls to 1 case
