"""Pages that look at everything: dashboards, the operator's overview, the auditor's desk."""
