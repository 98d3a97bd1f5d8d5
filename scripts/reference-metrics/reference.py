"""Writes what others' libraries make of the same series: the golden figures that our metrics are tested against.

Reads series.json beside it, adds series generated from seeds, and prints JSON to standard output. Run by hand, see
docs/testing.md. Which definition is asked of which library, and where theirs differ from ours, is told in
docs/reference/statistics.md.
"""

import json
import random
import sys
from decimal import Decimal
from pathlib import Path

import empyrical
import pandas
import quantstats.stats
from scipy import stats

DAYS_PER_YEAR = 365
SEEDS = (1, 20240805, 4294967291)
DAYS = 420
TRADES = 260
CENTS = Decimal("0.00000001")


def generated(seed):
    """A year and more of daily equity with idle days, and trades of all three kinds."""
    source = random.Random(seed)
    equity, point = [], Decimal(5000)
    for _ in range(DAYS):
        if source.random() > 0.1:
            point = (point * Decimal(1 + source.gauss(0.0008, 0.02))).quantize(CENTS)
        equity.append(format(point.normalize(), "f"))
    trades = [
        "0" if source.random() < 0.03 else format(Decimal(source.gauss(1.5, 25)).quantize(CENTS).normalize(), "f")
        for _ in range(TRADES)
    ]
    return {"name": f"seed {seed}", "initialBalance": "5000", "equity": equity, "trades": trades}


def equity_figures(series):
    curve = pandas.Series([float(series["initialBalance"])] + [float(point) for point in series["equity"]])
    curve.index = pandas.date_range("2024-01-01", periods=len(curve), freq="D", tz="UTC")
    # Differences before quotients: a return near 0 keeps its digits.
    returns = (curve.diff() / curve.shift()).dropna()
    is_below = quantstats.stats.to_drawdown_series(curve) < 0
    stretches = is_below.groupby((~is_below).cumsum()).sum()
    return {
        "sharpeRatio": empyrical.sharpe_ratio(returns, risk_free=0, annualization=DAYS_PER_YEAR),
        "sortinoRatio": empyrical.sortino_ratio(returns, required_return=0, annualization=DAYS_PER_YEAR),
        "cagrPercent": empyrical.annual_return(returns, annualization=DAYS_PER_YEAR) * 100,
        "maxDrawdownPercent": -empyrical.max_drawdown(returns) * 100,
        "calmarRatio": empyrical.calmar_ratio(returns, annualization=DAYS_PER_YEAR),
        "longestDrawdownDays": int(stretches.max()),
    }


def trade_figures(series):
    pnl = pandas.Series([float(trade) for trade in series["trades"]])
    test = stats.ttest_1samp(pnl, 0)
    raw = {"prepare_returns": False}
    return {
        "sqn": test.statistic,
        "pValue": test.pvalue,
        "profitFactor": quantstats.stats.profit_factor(pnl, **raw),
        "payoffRatio": quantstats.stats.payoff_ratio(pnl, **raw),
        "averageWin": quantstats.stats.avg_win(pnl, **raw),
        "averageLoss": -quantstats.stats.avg_loss(pnl, **raw),
        "longestWinStreak": int(quantstats.stats.consecutive_wins(pnl, **raw)),
        "longestLossStreak": int(quantstats.stats.consecutive_losses(pnl, **raw)),
        "expectancy": pnl.mean(),
        # quantstats leaves even trades out of the count; ours counts every closed trade.
        "winRateOfDecided": quantstats.stats.win_rate(pnl, **raw),
    }


def main():
    series = json.loads(Path(__file__).with_name("series.json").read_text())
    series += [generated(seed) for seed in SEEDS]
    golden = [{**one, "figures": {**equity_figures(one), **trade_figures(one)}} for one in series]
    json.dump(golden, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
