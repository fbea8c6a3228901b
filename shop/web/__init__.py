"""What pages are made with: shell, forms, assets, filters and error pages."""
