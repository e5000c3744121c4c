"""The look and the manners of every page: layouts, components, forms, htmx, error pages, security headers."""
