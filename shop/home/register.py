"""What home brings to the application."""

from __future__ import annotations

from flask import Flask, url_for

from orders.closing import checking, exporting
from orders.closing import commands as closing
from orders.payments import import_jobs
from orders.payouts import large
from orders.settlements import booking
from orders.statements import slip_commands
from products.traceability import code_jobs, label_commands
from shop.core.labels import N_
from shop.home import audit_views, job_views, views
from shop.home.demo_roles import demo_doors
from shop.home.job_queries import JobRow
from shop.home.navigation import navigation


def register(app: Flask) -> None:
    """Front page, start page, auditor's desk, and the side navigation."""
    app.jinja_env.globals["navigation"] = navigation
    app.jinja_env.globals["demo_doors"] = demo_doors
    app.register_blueprint(views.bp)
    app.register_blueprint(audit_views.bp)
    app.register_blueprint(job_views.bp)
    job_views.tell(code_jobs.MAKE, N_("制码"), _codes)
    job_views.tell(code_jobs.ALLOCATE, N_("赋码"), _codes)
    job_views.tell(booking.JOB, N_("结算记账"), _settled)
    job_views.tell(label_commands.LABELS, N_("排标签"), _labels)
    job_views.tell(import_jobs.PREVIEW, N_("读流水"), _preview)
    job_views.tell(import_jobs.IMPORT, N_("导入流水"), _statement)
    job_views.tell(large.DRAFT, N_("编制打款"), _payout)
    job_views.tell(checking.CHECK, N_("核账"), _check)
    job_views.tell(closing.CLOSE, N_("月结"), _month)
    job_views.tell(exporting.WRITE, N_("写账表"), _file)
    job_views.tell(slip_commands.SLIPS, N_("排全村对账条"), _slips)


def _codes(job: JobRow) -> str:
    """Where made codes are seen: at their lot, or in stock."""
    lot = job.result.get("lot")
    return url_for("codes.of_lot", lot_id=lot) if lot else url_for("codes.index")


def _settled(job: JobRow) -> str | None:
    """The run that was posted."""
    run = job.result.get("run")
    return url_for("settlements.show", run_id=run) if run else None


def _payout(job: JobRow) -> str | None:
    """The batch that was drafted."""
    made = job.result.get("batch")
    return url_for("payouts.batch", batch_id=made) if made else None


def _labels(job: JobRow) -> str | None:
    """Where the files of labels are, once they are set."""
    made = job.result.get("print")
    return url_for("labels.show_print", print_id=made) if made else None


def _preview(job: JobRow) -> str | None:
    """Where the preview of a large statement is, or what is wrong with it."""
    upload = job.result.get("upload")
    return url_for("payments.preview", upload_id=upload) if upload else None


def _statement(job: JobRow) -> str | None:
    """Where an imported statement is seen."""
    imported = job.result.get("statement")
    return url_for("payments.statement", statement_id=imported) if imported else None


def _slips(job: JobRow) -> str | None:
    """Where the slips of a village are, once they are set."""
    made = job.result.get("print")
    return url_for("slips.show", print_id=made) if made else None


def _check(job: JobRow) -> str | None:
    """What a check of the books found."""
    made = job.result.get("check")
    return url_for("book_checks.show", check_id=made) if made else None


def _file(job: JobRow) -> str | None:
    """The file that was written."""
    made = job.result.get("file")
    return url_for("account_files.show", file_id=made) if made else None


def _month(job: JobRow) -> str:
    """The month that was closed, or was not."""
    return url_for("closing.month", month=job.arguments["month"])
