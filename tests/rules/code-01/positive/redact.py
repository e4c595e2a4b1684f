import pandas as pd

df = pd.read_csv("output/deaths.csv")
df.loc[df.n == 3, "n"] = "[REDACTED]"
df.loc[df.region == "South", "n"] = "[REDACTED]"  # was 2
