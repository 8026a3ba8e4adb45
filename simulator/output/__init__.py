"""Answers in the forms that leave the program: plain values for JSON, tables for a terminal, a workbook."""
