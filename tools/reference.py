"""The reference pages, written from the source itself: nothing in them is typed twice.

    python tools/reference.py       writes docs/reference/generated/

The Python pages are read from the syntax tree, so no module has to be imported.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FLOORS = ("vocabulary", "data", "tables", "measure", "learn", "simulate", "audit")


def write_reference(root: Path) -> list[Path]:
    """Write every generated page; answers their paths."""
    folder = root / "docs" / "reference" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"cli": cli_page(root), "tables": tables_page(root)}
    pages |= {"settings": settings_page(root), "api": api_page(root)}
    # "tables" is the page of the schemas: its functions have a page of their own.
    named = {floor: "tables-functions" if floor == "tables" else floor for floor in FLOORS}
    pages |= {page: floor_page(root, floor) for floor, page in named.items()}
    written = []
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
        written.append(path)
    return written


# ------------------------------------------------------------------ Python


def floor_page(root: Path, floor: str) -> str:
    """One floor of the library: every public name of every module, with its docstring."""
    source = root / "src"
    package = source / "overdeliver" / floor
    about = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8"))) or ""
    parts = [f"# overdeliver.{floor}", prose(about)]
    for path in sorted(package.rglob("*.py")):
        if path.name == "__init__.py" or path.name.startswith("_"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        members = list(public_members(tree))
        if members:
            name = ".".join(path.relative_to(source).with_suffix("").parts)
            parts += [f"## {name}", prose(ast.get_docstring(tree) or ""), *members]
    return "\n\n".join(part for part in parts if part) + "\n"


def public_members(tree: ast.Module) -> Iterator[str]:
    """The documented public functions and classes of a module, as Markdown."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and documented(node):
            yield member(signature(node), ast.get_docstring(node) or "")
        if isinstance(node, ast.ClassDef) and documented(node):
            bases = ", ".join(ast.unparse(base) for base in node.bases)
            yield member(
                f"class {node.name}({bases})".replace("()", ""), ast.get_docstring(node) or ""
            )
            fields = [ast.unparse(item) for item in node.body if isinstance(item, ast.AnnAssign)]
            if fields:
                yield "\n".join(["```text", *fields, "```"])
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and documented(item):
                    text = ast.get_docstring(item) or ""
                    yield member(f"{node.name}.{signature(item)}", text)


def documented(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Is this a public name that says what it is?"""
    return not node.name.startswith("_") and ast.get_docstring(node) is not None


def signature(node: ast.FunctionDef) -> str:
    """``name(arguments) -> result`` as it is written."""
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"


def member(head: str, docstring: str) -> str:
    """A name with its signature and what it does."""
    name = re.sub(r"[( ].*", "", head.removeprefix("class ")).strip()
    return f"### {name}\n\n```text\n{head}\n```\n\n{prose(docstring)}"


def prose(docstring: str) -> str:
    """A docstring as Markdown: code marks, roles and examples; drawings stay as they are."""
    blocks, code = [], False
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", docstring.replace("``", "`"))
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.splitlines()
        code = block.lstrip().startswith(">>>") or any(mark in block for mark in "├└│")
        drawn = code or any(line.startswith("    ") for line in lines)
        blocks.append("\n".join(["```text", *lines, "```"]) if drawn else escaped(block))
    return "\n\n".join(blocks)


def escaped(block: str) -> str:
    """Text that Markdown would read as a heading, a rule or HTML is only text here."""
    block = re.sub(r"(?m)^(#|={3,}|-{3,})", r"\\\1", block)
    outside = re.split(r"(`[^`]*`)", block)
    return "".join(
        part if part.startswith("`") else part.replace("<", "&lt;").replace("[", "\\[")
        for part in outside
    )


# ------------------------------------------------------------------ application


def settings_page(root: Path) -> str:
    """Every knob of the server, as `server/knobs.py` says."""
    sys.path.insert(0, str(root / "src"))
    from overdeliver.server.knobs import KNOBS

    rows = [
        f"| `{knob.name}` | {f'`{knob.default}`' if knob.default else ''} | {knob.doc} |"
        for knob in KNOBS
    ]
    return "\n".join(
        [
            "# Settings of the server",
            "",
            "Read from the environment when the server starts. Each may also be given as"
            " `NAME_FILE`, the path of a file that holds it. How the *business* promises is not"
            " here: those are policies, kept with their versions.",
            "",
            "| name | default | what it does |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def api_page(root: Path) -> str:
    """The operations of the API, from the description that the tests hold to the server."""
    described = json.loads((root / "docs" / "reference" / "openapi.json").read_text("utf-8"))
    parts = [
        "# The API",
        "",
        f"{described['info']['description']} The whole description: `openapi.json`.",
        "",
    ]
    for path, operations in sorted(described["paths"].items()):
        for method, one in operations.items():
            parts += [
                f"## {method.upper()} {escaped(path)}",
                "",
                prose(one.get("description") or one["summary"]),
                "",
            ]
            given = [
                f"| `{p['name']}` | {p['in']} | {in_a_cell(p.get('description'))} |"
                for p in one.get("parameters", [])
                if p["name"] != "Idempotency-Key"
            ]
            if given:
                parts += ["| parameter | in | |", "|---|---|---|", *given, ""]
            parts += body_rows(one, described)
    return "\n".join(parts) + "\n"


def in_a_cell(text: str | None) -> str:
    """A description on one line."""
    return escaped(" ".join((text or "").split()))


def body_rows(one: dict[str, Any], described: dict[str, Any]) -> list[str]:
    """The fields of the body an operation takes."""
    content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    schema = described["components"]["schemas"].get(name, {})
    needed = set(schema.get("required", []))
    fields = schema.get("properties", {}).items()
    rows = [
        f"| `{name}` | {'yes' * (name in needed)} | {in_a_cell(about.get('description'))} |"
        for name, about in fields
    ]
    return ["| field | needed | |", "|---|---|---|", *rows, ""] if rows else []


# ------------------------------------------------------------------ tables


def tables_page(root: Path) -> str:
    """The ledger's tables and the case table, as `tables/schemas.py` and `tables/cases.py` say."""
    sys.path.insert(0, str(root / "src"))
    from overdeliver.tables.schemas import SCHEMAS

    parts = ["# Table schemas", ledger_tables(SCHEMAS), cases_table(root)]
    return "\n\n".join(parts) + "\n"


def ledger_tables(schemas: Any) -> str:
    """One table of columns for each table of the ledger."""
    lines = ["The ledger's tables. Any further column of `orders` is a feature."]
    for schema in schemas.values():
        lines += ["", f"## {schema.name}", "", escaped(schema.doc), ""]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        for name, column in schema.columns.items():
            marks = [" (required)"] if column.required else []
            marks += [f"; one of {', '.join(column.one_of)}"] if column.one_of else []
            marks += [f"; in {column.unit}"] if column.unit else []
            lines.append(f"| `{name}` | `{column.type}` | {escaped(column.doc)}{''.join(marks)} |")
    return "\n".join(lines)


def cases_table(root: Path) -> str:
    """The columns of a case table, with the remarks beside them."""
    text = (root / "src/overdeliver/tables/cases.py").read_text("utf-8")
    rows = re.findall(r'^    "(\w+)": "([^"]+)",(?:\s*#\s*(.*))?$', text, re.MULTILINE)
    lines = [
        "## Cases",
        "",
        "What a file is read into: one row per promise with what came of it.",
        "",
    ]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | `{kind}` | {meaning} |" for name, kind, meaning in rows]
    return "\n".join(lines)


# ------------------------------------------------------------------ command line


def cli_page(root: Path) -> str:
    """Every command with its arguments and options, as the program itself declares them."""
    sys.path.insert(0, str(root / "src"))
    import typer

    from overdeliver.cli import main

    app = next(value for value in vars(main).values() if isinstance(value, typer.Typer))
    command = typer.main.get_command(app)
    parts = ["# Command line", prose(command.help or "")]
    for name, sub in sorted(getattr(command, "commands", {"": command}).items()):
        if not sub.hidden:
            parts += [f"## overdeliver {name}".strip(), prose(sub.help or ""), options_table(sub)]
    return "\n\n".join(part for part in parts if part) + "\n"


def options_table(command: Any) -> str:
    """The parameters of one command."""
    lines = ["| argument or option | meaning | default |", "|---|---|---|"]
    for parameter in command.params:
        if getattr(parameter, "hidden", False):
            continue
        names = ", ".join([*parameter.opts, *parameter.secondary_opts])
        if parameter.param_type_name == "argument":
            names = parameter.name.upper() + ("..." if parameter.nargs == -1 else "")
        elif parameter.metavar:
            names += f" {parameter.metavar}"
        default = parameter.default
        shown = "" if default in (None, False, (), []) or callable(default) else f"`{default}`"
        help_text = (getattr(parameter, "help", None) or "").replace("|", "\\|").replace("\n", " ")
        lines.append(f"| `{names}` | {escaped(help_text)} | {shown} |")
    return "\n".join(lines)


if __name__ == "__main__":
    for page in write_reference(Path(__file__).resolve().parents[1]):
        print(page)
