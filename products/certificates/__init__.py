"""Certificates: promises that goods meet the norm, kept, written and issued (合格证)."""
