"""Figures that answer when touched, with a real network behind them."""
