"""The laws that import-linter cannot say: each returns the sentences of what breaks it."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp

LONGEST = 400
LEFT_OVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
#: Calls of Ibis 12 that fail on DuckDB 2: they drop by a text without a name, or ask for a method
#: that is gone. `create_table` of an expression, `to_pyarrow` and `to_parquet` work.
FAILING = {"drop_table", "drop_view", "list_tables", "sql", "to_pyarrow_batches"}
CLOCKS = {"now", "today", "utcnow", "time", "localnow", "localdate"}


def graph_of(source: Path) -> grimp.ImportGraph:
    """The import graph of the package ``overdeliver`` below ``source``."""
    loaded = sys.modules.pop("overdeliver", None)  # a package that is loaded is not looked for
    sys.path.insert(0, str(source))
    try:
        return grimp.build_graph(
            "overdeliver",
            include_external_packages=True,
            exclude_type_checking_imports=True,
            cache_dir=None,
        )
    finally:
        sys.path.remove(str(source))
        if loaded is not None:
            sys.modules["overdeliver"] = loaded


def foreign_models(graph: grimp.ImportGraph) -> list[str]:
    """A chapter's ``models`` are private to it."""
    pattern = re.compile(r"(overdeliver\.apps\.\w+)\.models(\..*)?$")
    found = []
    for module in sorted(graph.modules):
        if not (match := pattern.match(module)):
            continue
        for importer in sorted(graph.find_modules_that_directly_import(module)):
            if not importer.startswith(match[1] + "."):
                found.append(f"{importer} imports {module}: use its reads or actions")
    return found


def own_roots(graph: grimp.ImportGraph) -> list[str]:
    """No module imports a package it lies in: that is how import rings begin."""
    return [
        f"{module} imports {imported}, the package it lies in"
        for module in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(module))
        if module.startswith(imported + ".")
    ]


def vocabulary_needs(graph: grimp.ImportGraph) -> list[str]:
    """The vocabulary stands on the standard library alone."""
    return [
        f"{module} imports {imported}"
        for module in sorted(graph.modules)
        if module.startswith("overdeliver.vocabulary")
        for imported in sorted(graph.find_modules_directly_imported_by(module))
        if imported not in sys.stdlib_module_names
        and not imported.startswith("overdeliver.vocabulary")
    ]


def sources(root: Path) -> Iterator[Path]:
    """The Python files below a folder."""
    yield from (path for path in sorted(root.rglob("*.py")) if "__pycache__" not in path.parts)


def too_long(root: Path) -> list[str]:
    """A file of more than 400 lines has two subjects."""
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in sources(root)}
    return [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > LONGEST]


def left_overs(root: Path) -> list[str]:
    """What is not done is an issue, not a remark in the code."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path in sources(root)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if LEFT_OVER.search(line)
    ]


def speaking_inits(source: Path) -> list[str]:
    """An ``__init__.py`` holds its docstring; the root may also hold ``__version__``."""
    found = []
    for path in source.rglob("__init__.py"):
        tree = ast.parse(path.read_text("utf-8"))
        if ast.get_docstring(tree) is None:
            found.append(f"{path}: no docstring")
        for statement in tree.body[1:]:
            if path.parent.name == "overdeliver" and ast.unparse(statement).startswith("__ver"):
                continue
            found.append(f"{path}:{statement.lineno}: {ast.unparse(statement)}")
    return found


def clocks_in_rules(source: Path) -> list[str]:
    """A rule is told what time it is."""
    return [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for path in source.rglob("apps/*/rules.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
    ]


def failing_calls(source: Path) -> list[str]:
    """What Ibis cannot do on DuckDB is not asked of it; Spark has a door of its own."""
    return [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for path in sources(source)
        if path.name != "spark_engine.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr in FAILING or _overwrites(node))
    ]


def _overwrites(call: ast.Call) -> bool:
    named = {word.arg for word in call.keywords}
    return ast.unparse(call.func).endswith("create_table") and "overwrite" in named
