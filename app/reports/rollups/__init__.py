"""Sums by day, or by person, that reports add up instead of reading every raw row there is.

A rollup is filled by the one statement that defines it, for the days or people whose raw rows have
changed; triggers tell which in the very transaction of the change.
"""
