"""Answers on several charges, on models of pricing and on maps, in words and as plain values."""
