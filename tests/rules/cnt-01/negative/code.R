N = 3
count = [1, 2, 3]
n,m
1,2
