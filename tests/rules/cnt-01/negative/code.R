N = 3
count = [1, 2, 3]
table(n,
  m,
  3)
