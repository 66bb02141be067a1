"""Prints a table of what hyperfine measured: report.py TITLE JSON. Ratios are to the first row."""

import json
import sys

title, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    results = json.load(file)["results"]
print(f"{title:30}{'mean':>10}{'± sigma':>10}{'least':>10}{'CPU':>10}{'ratio':>8}")
for result in results:
    processor = result["user"] + result["system"]
    times = (result["mean"], result["stddev"] or 0, result["min"], processor)
    columns = "".join(f"{1000 * time:7.1f} ms" for time in times)
    print(f"{result['command']:30}{columns}{result['mean'] / results[0]['mean']:7.2f}x")
print()
