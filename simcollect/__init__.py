"""Simulate, plan and staff the collection of overdue loans."""
