# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A run of wattflop, read with polars
#
# `wattflop run FILE` leaves a folder of parquet tables. This tour opens one, draws three charts and
# says what they mean. Make the folder first:
#
# ```sh
# target/release/wattflop run scenarios/incentives.yaml
# ```

# %%
import json
import os
from pathlib import Path

import matplotlib.pyplot as plt
import polars as pl

# The newest run, or the one that WATTFLOP_RUN names.
runs = sorted(Path("../output").glob("incentives-*"), key=lambda run: run.stat().st_mtime)
run = Path(os.environ["WATTFLOP_RUN"]) if "WATTFLOP_RUN" in os.environ else runs[-1]
manifest = json.loads((run / "manifest.json").read_text())
print(manifest["question"])
print(", ".join(manifest["policies"]), "|", manifest["draws"], "draws |", manifest["weeks"], "weeks")

# %% [markdown]
# ## 1. What an hour of compute costs
#
# `weekly.parquet` has a row for each run and week and a column for each outcome; every name ends in
# its unit. The line is the median over draws; the band runs from the lowest draw to the highest.
# The same chip-hour has several prices at once: list prices move in steps at quarterly reviews, spot
# and marketplace prices every week.

# %%
day = pl.col("date").cast(pl.String).str.to_date()
weekly = pl.read_parquet(run / "weekly.parquet").with_columns(day)
reference = manifest["reference"]
prices = {
    "h100_list_usd_per_h": ("hyperscalers, list", "#0072B2"),
    "h100_spot_usd_per_h": ("spot", "#D55E00"),
    "h100_network_usd_per_h": ("networks", "#CC79A7"),
}
world = weekly.filter(pl.col("policy") == reference)
figure, axes = plt.subplots(figsize=(9, 4.5))
for column, (label, colour) in prices.items():
    path = world.group_by("date").agg(
        pl.col(column).median().alias("middle"),
        pl.col(column).min().alias("low"),
        pl.col(column).max().alias("high"),
    ).sort("date")
    axes.plot(path["date"], path["middle"], color=colour, linewidth=2)
    axes.fill_between(path["date"], path["low"], path["high"], color=colour, alpha=0.2, linewidth=0)
    axes.annotate(f" {label}", (path["date"][-1], path["middle"][-1]), color=colour, va="center")
axes.set_title(f"Price of an H100-hour, $, policy “{reference}”", loc="left")
axes.set_yscale("log")
axes.margins(x=0.12)
plt.show()

# %% [markdown]
# ## 2. What an incentive changes
#
# All policies meet the same luck, so the difference is taken draw by draw before anything is
# averaged. `effects.parquet` holds these paired differences with their 95 % interval. An interval
# that holds zero means: not distinguishable with these draws, and `needed_draws` says how many
# would do.

# %%
effects = pl.read_parquet(run / "effects.parquet").filter(
    (pl.col("window") == "all") & (pl.col("outcome") == "token_sales_usd_per_week")
).sort("mean_difference")
print(effects.select("policy", "mean_difference", "low", "high", "draws", "needed_draws"))
figure, axes = plt.subplots(figsize=(9, 2.5))
for place, row in enumerate(effects.iter_rows(named=True)):
    clear = row["low"] > 0 or row["high"] < 0
    axes.plot([row["low"], row["high"]], [place, place], color="#0072B2", linewidth=3)
    face = "#0072B2" if clear else "white"
    axes.plot(row["mean_difference"], place, "o", color="#0072B2", markerfacecolor=face)
axes.axvline(0, color="#333333")
axes.set_yticks(range(len(effects)), effects["policy"])
axes.set_title(f"Token sales by providers, $ a week, against “{reference}”", loc="left")
axes.margins(y=0.3)
plt.show()

# %% [markdown]
# ## 3. Who sells
#
# The entity tables (`networks`, `operators`, `regions`, `chips`, `offers`, `segments`) keep the first
# draws. Devices follow rewards, not sales: a network may be full of devices and sell few hours.

# %%
networks = pl.read_parquet(run / "networks.parquet").with_columns(day)
devices = networks.filter(pl.col("policy") == reference).group_by("network", "date").agg(
    pl.col("online_devices").median()
).sort("date")
figure, axes = plt.subplots(figsize=(9, 4.5))
colours = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00"]
for colour, name in zip(colours * 3, sorted(devices["network"].unique())):
    path = devices.filter((pl.col("network") == name) & (pl.col("online_devices") > 0))
    if path.is_empty():
        continue
    axes.plot(path["date"], path["online_devices"], color=colour, linewidth=2)
    end = (path["date"][-1], path["online_devices"][-1])
    axes.annotate(f" {name}", end, color=colour, va="center")
axes.set_yscale("log")
axes.set_title(f"Devices online, policy “{reference}”", loc="left")
axes.margins(x=0.12)
plt.show()

# %% [markdown]
# ## Change the question
#
# A scenario is a text file. Copy it, change a number, run it, compare:
#
# ```sh
# target/release/wattflop new mine --from incentives.yaml
# target/release/wattflop explain networks.*.rewards.usd_floor      # what a key means
# target/release/wattflop run mine.yaml --set networks.open_gpu.settlement.fee_share.take_share=0.2
# target/release/wattflop compare output/incentives-* output/mine-*
# ```
