"""Chats to files, and files to chats."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict

from desktop.cli.exit_code import ExitCode
from desktop.cli.output import complain, say, say_json
from desktop.cli.session import open_data
from desktop.domain.errors import ParameterError
from desktop.domain.exchange import Fate, ImportReport
from desktop.services.assembly import Services


def conversations(options: argparse.Namespace) -> ExitCode:
    return asyncio.run(_export(options) if options.verb == "export" else _import(options))


async def _export(options: argparse.Namespace) -> ExitCode:
    async with open_data(options) as services:
        as_json = options.json and options.out is None
        format = options.format or ("json" if as_json else "markdown")
        chats = await _chosen(services, options, format)
        if options.out is None:
            async for piece in services.exchange.pieces(chats, format):
                say(piece, end="")
            return ExitCode.DONE
        exported = await services.exchange.export(chats, format, options.out, replace=options.replace)
    if options.json:
        say_json({"out": options.out, "format": format} | asdict(exported))
    for title in exported.empty:
        complain(f"“{title}” has nothing for this format.")
    return ExitCode.DONE


async def _chosen(services: Services, options: argparse.Namespace, format: str) -> list[str]:
    if bool(options.ids) + bool(options.folder) + options.all != 1:
        raise ParameterError("Say which chats: their ids, --folder NAME, or --all.")
    chats = list(options.ids)
    if options.folder:
        chats = await services.exchange.chats_in(options.folder)
    elif options.all:
        chats = await services.exchange.all_chats()
    if not chats:
        raise ParameterError("There are no chats to export.", action="Choose others, or --all.")
    if len(chats) > 1 and options.out is None and format not in ("sft", "preferences"):
        raise ParameterError(
            "Several chats need a place to go.", action="Name a folder or a .zip file with --out."
        )
    return chats


async def _import(options: argparse.Namespace) -> ExitCode:
    async with open_data(options) as services:
        report = await services.exchange.import_files(options.files, as_copies=options.copies)
    if options.json:
        say_json(asdict(report))
    else:
        say(report.in_words())
    return _code(report)


def _code(report: ImportReport) -> ExitCode:
    """Failed if something that was named could not be read, or nothing was found."""
    if report.stopped:
        complain(report.stopped)
        return ExitCode.FAILED
    if report.count(Fate.FAILED) or not report.chats:
        complain("Not all of it could be imported." if report.chats else "Nothing was imported.")
        return ExitCode.FAILED
    return ExitCode.DONE
