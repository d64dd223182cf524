//! Texts that nobody should write.

/// A part of a text: what share of the size (in hundredths; 0 is once) is filled with which unit.
/// `{n}` in a unit is its number.
type Part = (usize, &'static str);

/// A shape: what it is called, and its parts.
pub(crate) struct Shape(pub(crate) &'static str, &'static [Part]);

impl Shape {
    /// Returns a text of about this size.
    pub(crate) fn text(&self, size: usize) -> String {
        let mut text = String::with_capacity(size + 1024);
        for (share, unit) in self.1 {
            let end = text.len() + size * share / 100;
            let numbered = unit.contains("{n}");
            let mut nth = 0;
            loop {
                if numbered {
                    text += &unit.replace("{n}", &nth.to_string());
                } else {
                    text += unit;
                }
                nth += 1;
                if text.len() >= end {
                    break;
                }
            }
        }
        text
    }
}

/// Every shape that was thought of.
pub(crate) const SHAPES: &[Shape] = &[
    // Of no format.
    Shape("opened arrays", &[(100, "[")]),
    Shape("opened objects", &[(100, "{\"a\":")]),
    Shape("opened brackets", &[(100, "(")]),
    Shape("opened tags", &[(100, "<a x ")]),
    Shape("opened attributes", &[(100, "<a x='")]),
    Shape("other quotes", &[(100, "<a x=\"<a y='")]),
    Shape(
        "links",
        &[(
            100,
            "<a href='../a-1.{n}.tar.gz#sha256=0'>a-1.{n}.tar.gz</a>\n",
        )],
    ),
    Shape("spaces", &[(100, " ")]),
    Shape("lines of one space", &[(100, " \n")]),
    Shape("empty lines", &[(100, "\n")]),
    Shape("carriage returns", &[(100, "\r")]),
    Shape("crlf", &[(100, "\r\n")]),
    Shape("tabs", &[(100, "\t")]),
    Shape("quotes", &[(100, "\"")]),
    Shape("single quotes", &[(100, "'")]),
    Shape("triple quotes", &[(100, "\"\"\"\n")]),
    Shape(
        "a triple quote without an end",
        &[(0, "a = '''"), (100, "a\n'")],
    ),
    Shape("backslashes", &[(100, "\\")]),
    Shape("continued lines", &[(100, "\\\n")]),
    Shape("comments", &[(100, "# x\n")]),
    Shape("a comment", &[(100, "#")]),
    Shape("commas", &[(100, ",")]),
    Shape("semicolons", &[(100, ";")]),
    Shape("colons", &[(100, ": ")]),
    Shape("dashes", &[(100, "- ")]),
    Shape("equals", &[(100, "=")]),
    Shape("dots", &[(0, "a"), (100, ".a"), (0, " = 1\n")]),
    Shape("a header of dots", &[(0, "[a"), (100, ".a"), (0, "]\n")]),
    Shape("a word", &[(100, "a")]),
    Shape("a number", &[(100, "1")]),
    Shape("a version of digits", &[(0, "1."), (100, "1")]),
    Shape("a version of dots", &[(0, "1"), (100, ".1")]),
    Shape("wide letters", &[(100, "\u{e9}\u{1f600}")]),
    Shape("zeros", &[(100, "\0")]),
    Shape("marks", &[(100, "\u{feff}")]),
    Shape("variables", &[(100, "a=${")]),
    Shape("variables of variables", &[(100, "${a${")]),
    // TOML.
    Shape("toml: a key twice", &[(100, "a = 1\n")]),
    Shape("toml: keys", &[(100, "a{n} = 1\n")]),
    Shape("toml: tables", &[(100, "[t{n}]\n")]),
    Shape("toml: tables of one", &[(100, "[t.t{n}]\na = 1\n")]),
    Shape("toml: dotted keys", &[(100, "a.b.c.d.e.f.g{n} = 1\n")]),
    Shape(
        "toml: tables of tables",
        &[(100, "[[a]]\n[[a.b]]\n[a.b.c{n}]\n")],
    ),
    Shape(
        "toml: an inline table",
        &[(0, "a = {"), (100, "a{n} = 1, "), (0, "b = 1}\n")],
    ),
    Shape(
        "toml: escapes",
        &[(0, "a = \""), (100, "\\u0061"), (0, "\"\n")],
    ),
    Shape(
        "toml: an array of arrays",
        &[(0, "a = ["), (100, "[[[[]]]],\n"), (0, "]\n")],
    ),
    Shape("toml: no end", &[(0, "a = ["), (100, "\"a\",\n")]),
    // pyproject.toml.
    Shape(
        "pyproject: pins of one name",
        &[
            (
                0,
                "[project]\nname = \"own\"\nversion = \"1\"\ndependencies = [\n",
            ),
            (100, "\"a==1.{n}\",\n"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: pins",
        &[
            (
                0,
                "[project]\nname = \"own\"\nversion = \"1\"\ndependencies = [",
            ),
            (100, "\"p{n}==1.0\","),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: git pins on a line",
        &[
            (
                0,
                "[project]\nname = \"own\"\nversion = \"1\"\ndependencies = [",
            ),
            (
                100,
                "\"p{n} @ git+https://registry.example/p@0123456789012345678901234567890123456789\",",
            ),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: pins in brackets that hold no end",
        &[
            (0, "[project]\nname = \"own\"\ndependencies = [\n"),
            (100, "\"a[(;\",\n"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: clauses",
        &[
            (0, "[project]\nname = \"own\"\ndependencies = [\"a>=1"),
            (100, ",!=1.{n}"),
            (0, "\"]\n"),
        ],
    ),
    Shape(
        "pyproject: extras",
        &[
            (0, "[project]\nname = \"own\"\ndependencies = [\"a[x"),
            (100, ",x{n}"),
            (0, "]==1\"]\n"),
        ],
    ),
    Shape(
        "pyproject: a marker of brackets",
        &[
            (0, "[project]\nname = \"own\"\ndependencies = [\"a==1; "),
            (100, "("),
            (0, "\"]\n"),
        ],
    ),
    Shape(
        "pyproject: a marker",
        &[
            (
                0,
                "[project]\nname = \"own\"\ndependencies = [\"a==1; python_version>'3'",
            ),
            (100, " or python_version>'3.{n}'"),
            (0, "\"]\n"),
        ],
    ),
    Shape(
        "pyproject: markers",
        &[
            (0, "[project]\nname = \"own\"\ndependencies = [\n"),
            (
                100,
                "\"a==1; python_version > '3.{n}' and (sys_platform == 'x' or extra == 'y')\",\n",
            ),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: a long group",
        &[
            (
                0,
                "[project]\nname = \"own\"\n[project.optional-dependencies]\n",
            ),
            (40, "g"),
            (0, " = ["),
            (60, "\"a\","),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: groups",
        &[
            (
                0,
                "[project]\nname = \"own\"\n[project.optional-dependencies]\n",
            ),
            (100, "g{n} = [\"a\"]\n"),
        ],
    ),
    Shape(
        "pyproject: groups of groups",
        &[
            (0, "[project]\nname = \"own\"\n[dependency-groups]\n"),
            (100, "g{n} = [\"a==1\", {include-group = \"g1{n}\"}]\n"),
        ],
    ),
    Shape(
        "pyproject: a group of itself",
        &[
            (0, "[project]\nname = \"own\"\n[dependency-groups]\ng = ["),
            (100, "{include-group = \"g\"},"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: sources",
        &[
            (
                0,
                "[project]\nname = \"own\"\ndependencies = [\"a\"]\n[tool.uv.sources]\n",
            ),
            (
                100,
                "a{n} = { git = \"https://registry.example/a\", rev = \"0123456\" }\n",
            ),
        ],
    ),
    Shape(
        "pyproject: pins and sources",
        &[
            (0, "[project]\nname = \"own\"\ndependencies = [\n"),
            (50, "\"a{n}==1\",\n"),
            (0, "]\n[tool.uv.sources]\n"),
            (
                50,
                "a{n} = { git = \"https://registry.example/a\", tag = \"v1\" }\n",
            ),
        ],
    ),
    Shape(
        "pyproject: sources of one",
        &[
            (0, "[project]\nname = \"own\"\ndependencies = [\n"),
            (50, "\"a==1\",\n"),
            (0, "]\n[tool.uv.sources]\na = [\n"),
            (
                50,
                "{ git = \"https://registry.example/a\", tag = \"v1\" },\n",
            ),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: poetry",
        &[
            (
                0,
                "[tool.poetry]\nname = \"own\"\nversion = \"1\"\n[tool.poetry.dependencies]\n",
            ),
            (100, "a{n} = \"^1\"\n"),
        ],
    ),
    Shape(
        "pyproject: poetry, tables on a line",
        &[
            (
                0,
                "[tool.poetry]\nname = \"own\"\nversion = \"1\"\n[tool.poetry.dependencies]\na = [\n",
            ),
            (
                100,
                "{git = \"https://registry.example/a\", rev = \"0123456\"},",
            ),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: poetry, a long group",
        &[
            (0, "[tool.poetry]\nname = \"own\"\n[tool.poetry.group."),
            (40, "g"),
            (0, ".dependencies]\n"),
            (60, "a{n} = \"1\"\n"),
        ],
    ),
    Shape(
        "pyproject: workspace",
        &[
            (
                0,
                "[project]\nname = \"own\"\n[tool.uv.workspace]\nmembers = [",
            ),
            (100, "\"a{n}/*\","),
            (0, "]\n"),
        ],
    ),
    Shape(
        "pyproject: a long name",
        &[(0, "[project]\nname = \""), (100, "a-._"), (0, "\"\n")],
    ),
    // setup.cfg, setup.py, requirements.
    Shape(
        "setup.cfg: sections",
        &[(100, "[options.extras_require]\na = b==1\n")],
    ),
    Shape(
        "setup.cfg: rows",
        &[
            (
                0,
                "[metadata]\nname = own\nversion = 1\n[options]\ninstall_requires =\n",
            ),
            (100, "  a{n}==1\n"),
        ],
    ),
    Shape(
        "setup.cfg: a long extra",
        &[
            (0, "[metadata]\nname = own\n[options.extras_require]\n"),
            (40, "g"),
            (0, " =\n"),
            (60, "  a==1\n"),
        ],
    ),
    Shape(
        "setup.cfg: extras",
        &[
            (0, "[metadata]\nname = own\n[options.extras_require]\n"),
            (100, "g{n} =\n  a==1\n"),
        ],
    ),
    Shape(
        "setup.cfg: continued",
        &[(0, "[options]\ninstall_requires ="), (100, " a\n  # x\n\n")],
    ),
    Shape(
        "setup.py: calls",
        &[(0, "setup(name='own', a="), (100, "f(")],
    ),
    Shape(
        "setup.py: closed calls",
        &[(0, "setup(name='own', a="), (50, "f("), (50, ")")],
    ),
    Shape(
        "setup.py: setups",
        &[(
            100,
            "setup(name='own', version='1', install_requires=['a==1'])\n",
        )],
    ),
    Shape("setup.py: setups without an end", &[(100, "setup(\n")]),
    Shape("setup.py: setups with a quote", &[(100, "setup('\n")]),
    Shape(
        "setup.py: setups in setups",
        &[(100, "setup(version=setup(\n")],
    ),
    Shape(
        "setup.py: rows",
        &[
            (0, "setup(name='own', version='1', install_requires=["),
            (100, "'a{n}==1',"),
            (0, "])\n"),
        ],
    ),
    Shape(
        "setup.py: keywords",
        &[(0, "setup("), (100, "install_requires=['a==1'],")],
    ),
    Shape(
        "setup.py: parts",
        &[(0, "setup(name="), (100, "'a' "), (0, ")")],
    ),
    Shape(
        "setup.py: names",
        &[(100, "version = '1'\n__version__ = version\n")],
    ),
    Shape(
        "setup.py: variables",
        &[
            (0, "setup(name=a, version=b, install_requires=c)\n"),
            (100, "c{n} = ['a']\nc = c{n}\n"),
        ],
    ),
    Shape("requirements: rows", &[(100, "a==1\n")]),
    Shape("requirements: names", &[(100, "p{n}==1\n")]),
    Shape("requirements: rows that go on", &[(100, "a==1 \\\n")]),
    Shape(
        "requirements: hashes",
        &[
            (
                0,
                "# This file was autogenerated by uv via the following command:\n#    uv pip compile requirements.in --generate-hashes\na==1 \\\n",
            ),
            (
                100,
                "    --hash=sha256:52686e2596aa586665952b0148ec78505a5fe27329e66a5acbdefc6483ae77f9 \\\n",
            ),
            (0, "    # via -r requirements.in\n"),
        ],
    ),
    Shape(
        "requirements: hashed rows",
        &[
            (
                0,
                "# This file was autogenerated by uv via the following command:\n#    uv pip compile requirements.in --generate-hashes\n",
            ),
            (
                100,
                "a{n}==1 --hash=sha256:52686e2596aa586665952b0148ec78505a5fe27329e66a5acbdefc6483ae77f9\n    # via a\n",
            ),
        ],
    ),
    Shape(
        "requirements: via",
        &[
            (0, "#    uv pip compile requirements.in\na==1\n    # via\n"),
            (100, "    #   a{n}\n"),
        ],
    ),
    Shape(
        "requirements: options",
        &[(100, "-r a.txt\n-c b.txt\n--index-url x\n")],
    ),
    Shape(
        "requirements: markers",
        &[(100, "a==1 ; python_version < '3.{n}'\n")],
    ),
    Shape(
        "requirements: addresses",
        &[(100, "a @ https://registry.example/a-1.0.tar.gz#sha256=0\n")],
    ),
    Shape(
        "requirements: a command",
        &[
            (0, "#    uv pip compile"),
            (100, " a{n}.in"),
            (0, "\na==1\n"),
        ],
    ),
    // Cargo.toml.
    Shape(
        "Cargo.toml: rows",
        &[
            (
                0,
                "[package]\nname = \"own\"\nversion = \"1.0.0\"\n[dependencies]\n",
            ),
            (100, "a{n} = \"1\"\n"),
        ],
    ),
    Shape(
        "Cargo.toml: renamed",
        &[
            (0, "[package]\nname = \"own\"\n[dependencies]\n"),
            (100, "a{n} = { package = \"a\", version = \"1\" }\n"),
        ],
    ),
    Shape(
        "Cargo.toml: revisions",
        &[
            (0, "[package]\nname = \"own\"\n[dependencies]\n"),
            (100, "a{n} = { git = \"u\", rev = \"0123456\" } # v1.0.0\n"),
        ],
    ),
    Shape(
        "Cargo.toml: revisions on a line",
        &[
            (0, "[package]\nname = \"own\"\n[target]\nx.dependencies = {"),
            (100, "a{n} = { git = \"u\", rev = \"0123456\" }, "),
            (0, "b = \"1\" }\n"),
        ],
    ),
    Shape(
        "Cargo.toml: targets",
        &[
            (0, "[package]\nname = \"own\"\n"),
            (100, "[target.'cfg(x{n})'.dependencies]\na = \"1\"\n"),
        ],
    ),
    Shape(
        "Cargo.toml: a long target",
        &[
            (0, "[package]\nname = \"own\"\n[target.'"),
            (40, "x"),
            (0, "'.dependencies]\n"),
            (60, "a{n} = \"1\"\n"),
        ],
    ),
    Shape(
        "Cargo.toml: sub-tables",
        &[
            (0, "[package]\nname = \"own\"\n"),
            (100, "[dependencies.a{n}]\nversion = \"1\"\n"),
        ],
    ),
    Shape(
        "Cargo.toml: members",
        &[
            (0, "[workspace]\nmembers = ["),
            (100, "\"a{n}\",\n"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "Cargo.toml: inherited",
        &[
            (0, "[package]\nname = \"own\"\n[dependencies]\n"),
            (50, "a{n}.workspace = true\n"),
            (0, "[workspace.dependencies]\n"),
            (50, "a{n} = \"1\"\n"),
        ],
    ),
    // Cargo.lock, uv.lock, poetry.lock.
    Shape(
        "blocks without an end",
        &[(100, "[[package]]\nname = \"a\"\n")],
    ),
    Shape("blocks of nothing", &[(100, "[[package]]\n")]),
    Shape(
        "Cargo.lock: versions of one",
        &[
            (0, "version = 4\n"),
            (100, "\n[[package]]\nname = \"a\"\nversion = \"1.0.{n}\"\n"),
        ],
    ),
    Shape(
        "Cargo.lock: one of one",
        &[
            (0, "version = 4\n"),
            (100, "\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n"),
        ],
    ),
    Shape(
        "Cargo.lock: packages",
        &[
            (0, "version = 4\n"),
            (
                100,
                "\n[[package]]\nname = \"p{n}\"\nversion = \"1.0.0\"\nsource = \"registry+https://registry.example/index\"\nchecksum = \"0\"\ndependencies = [\n \"a\",\n \"p1{n}\",\n]\n",
            ),
        ],
    ),
    Shape(
        "Cargo.lock: dependencies",
        &[
            (
                0,
                "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n",
            ),
            (100, " \"p{n}\",\n"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "Cargo.lock: both",
        &[
            (0, "version = 4\n"),
            (50, "\n[[package]]\nname = \"a\"\nversion = \"1.0.{n}\"\n"),
            (
                0,
                "\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\ndependencies = [\n",
            ),
            (50, " \"a 1.0.{n}\",\n"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "Cargo.lock: workspace of many",
        &[
            (0, "version = 4\n"),
            (
                100,
                "\n[[package]]\nname = \"p{n}\"\nversion = \"1.0.0\"\ndependencies = [\n \"a\",\n]\n",
            ),
            (0, "\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n"),
        ],
    ),
    Shape(
        "uv.lock: versions of one",
        &[
            (0, "version = 1\n"),
            (
                100,
                "\n[[package]]\nname = \"a\"\nversion = \"1.{n}\"\nsource = { registry = \"https://registry.example/simple\" }\n",
            ),
        ],
    ),
    Shape(
        "uv.lock: packages",
        &[
            (0, "version = 1\n"),
            (
                100,
                "\n[[package]]\nname = \"p{n}\"\nversion = \"1\"\nsource = { editable = \"p{n}\" }\ndependencies = [\n    { name = \"a\" },\n]\n\n[package.metadata]\nrequires-dist = [{ name = \"a\", specifier = \"==1\" }]\n",
            ),
        ],
    ),
    Shape(
        "uv.lock: rows",
        &[
            (
                0,
                "version = 1\n\n[[package]]\nname = \"own\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\n[package.metadata]\nrequires-dist = [\n",
            ),
            (100, "    { name = \"a\", specifier = \"==1.{n}\" },\n"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "uv.lock: rows of many",
        &[
            (
                0,
                "version = 1\n\n[[package]]\nname = \"own\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\n[package.metadata]\nrequires-dist = [",
            ),
            (100, "{ name = \"a{n}\", specifier = \"==1\" }, "),
            (0, "]\n"),
        ],
    ),
    Shape(
        "uv.lock: a long dependent",
        &[
            (0, "version = 1\n\n[[package]]\nname = \""),
            (40, "o"),
            (
                0,
                "\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\n[package.metadata]\nrequires-dist = [\n",
            ),
            (60, "    { name = \"a\" },\n"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "uv.lock: dependencies",
        &[
            (
                0,
                "version = 1\n\n[[package]]\nname = \"own\"\nversion = \"1\"\nsource = { virtual = \".\" }\ndependencies = [\n",
            ),
            (
                100,
                "    { name = \"a{n}\", marker = \"python_version > '3.{n}'\" },\n",
            ),
            (0, "]\n"),
        ],
    ),
    Shape(
        "uv.lock: dependencies of one",
        &[
            (
                0,
                "version = 1\n\n[[package]]\nname = \"own\"\nversion = \"1\"\nsource = { virtual = \".\" }\ndependencies = [\n",
            ),
            (100, "    { name = \"a\" },\n"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "uv.lock: groups",
        &[
            (
                0,
                "version = 1\n\n[[package]]\nname = \"own\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\n[package.metadata.requires-dev]\n",
            ),
            (100, "g{n} = [{ name = \"a\" }]\n"),
        ],
    ),
    Shape(
        "uv.lock: wheels",
        &[
            (
                0,
                "version = 1\n\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"x\" }\nwheels = [\n",
            ),
            (
                100,
                "    { url = \"https://registry.example/a-{n}.whl\", hash = \"sha256:0\", size = 1 },\n",
            ),
            (0, "]\n"),
        ],
    ),
    Shape(
        "uv.lock: markers",
        &[
            (0, "version = 1\nresolution-markers = [\n"),
            (100, "    \"python_version > '3.{n}'\",\n"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "poetry.lock: packages",
        &[
            (
                100,
                "[[package]]\nname = \"p{n}\"\nversion = \"1\"\n\n[package.dependencies]\na = \">=1\"\n\n",
            ),
            (
                0,
                "[metadata]\nlock-version = \"2.1\"\ncontent-hash = \"0\"\n",
            ),
        ],
    ),
    Shape(
        "poetry.lock: versions of one",
        &[
            (
                100,
                "[[package]]\nname = \"a\"\nversion = \"1.{n}\"\nfiles = []\n\n",
            ),
            (
                0,
                "[metadata]\nlock-version = \"2.1\"\ncontent-hash = \"0\"\n",
            ),
        ],
    ),
    Shape(
        "poetry.lock: dependencies",
        &[
            (
                0,
                "[[package]]\nname = \"b\"\nversion = \"1\"\n\n[package.dependencies]\n",
            ),
            (100, "a{n} = \">=1\"\n"),
        ],
    ),
    Shape(
        "poetry.lock: extras",
        &[
            (
                0,
                "[[package]]\nname = \"b\"\nversion = \"1\"\n\n[package.extras]\n",
            ),
            (100, "a{n} = [\"a (>=1)\"]\n"),
        ],
    ),
    Shape(
        "poetry.lock: files",
        &[
            (0, "[[package]]\nname = \"a\"\nversion = \"1\"\nfiles = [\n"),
            (100, "    {file = \"a-{n}.whl\", hash = \"sha256:0\"},\n"),
            (0, "]\n"),
        ],
    ),
    // JSON.
    Shape(
        "json: nested objects",
        &[(0, "{\"a\":"), (50, "{\"a\":"), (0, "1"), (50, "}")],
    ),
    Shape(
        "json: a key twice",
        &[(0, "{"), (100, "\"a\":1,"), (0, "\"b\":1}")],
    ),
    Shape(
        "json: keys",
        &[(0, "{"), (100, "\"a{n}\":1,"), (0, "\"b\":1}")],
    ),
    Shape(
        "json: escapes",
        &[(0, "{\"a\":\""), (100, "\\u0061"), (0, "\"}")],
    ),
    Shape("json: numbers", &[(0, "["), (100, "1e9,"), (0, "1]")]),
    Shape("json: a number", &[(0, "[1"), (100, "0"), (0, "]")]),
    Shape("json: empty values", &[(0, "["), (100, "{},"), (0, "1]")]),
    Shape("json: no end", &[(0, "{\"a\":\""), (100, "a ")]),
    Shape(
        "package.json: rows",
        &[
            (
                0,
                "{\"name\":\"own\",\"version\":\"1.0.0\",\"dependencies\":{",
            ),
            (100, "\"p{n}\":\"^1.0.0\","),
            (0, "\"a\":\"1.0.0\"}}"),
        ],
    ),
    Shape(
        "package.json: rows over lines",
        &[
            (
                0,
                "{\n\"name\":\"own\",\"version\":\"1.0.0\",\"dependencies\":{\n",
            ),
            (100, "\"p{n}\":\n\"^1.0.0\",\n"),
            (0, "\"a\":\"1.0.0\"}}"),
        ],
    ),
    Shape(
        "package.json: aliases",
        &[
            (0, "{\"name\":\"own\",\"dependencies\":{"),
            (100, "\"p{n}\":\"npm:a@^1\","),
            (0, "\"a\":\"1.0.0\"}}"),
        ],
    ),
    Shape(
        "package.json: addresses",
        &[
            (0, "{\"name\":\"own\",\"dependencies\":{"),
            (
                100,
                "\"p{n}\":\"git+https://registry.example/a.git#v1.0.0\",",
            ),
            (0, "\"a\":\"1.0.0\"}}"),
        ],
    ),
    Shape(
        "package.json: a range",
        &[
            (0, "{\"name\":\"own\",\"dependencies\":{\"a\":\"1"),
            (100, " || ^1.{n}"),
            (0, "\"}}"),
        ],
    ),
    Shape(
        "package.json: comparators",
        &[
            (0, "{\"name\":\"own\",\"dependencies\":{\"a\":\""),
            (100, " >=1.{n}"),
            (0, "\"}}"),
        ],
    ),
    Shape(
        "package.json: overrides",
        &[
            (0, "{\"name\":\"own\",\"overrides\":{"),
            (100, "\"a{n}\":{\"a\":\"1\"},"),
            (0, "\"b\":\"1\"}}"),
        ],
    ),
    Shape(
        "package.json: a long override",
        &[
            (0, "{\"name\":\"own\",\"overrides\":{\""),
            (40, "a"),
            (0, "\":{"),
            (60, "\"p{n}\":\"1\","),
            (0, "\"b\":\"1\"}}}"),
        ],
    ),
    Shape(
        "package.json: deep overrides",
        &[
            (0, "{\"name\":\"own\",\"overrides\":{"),
            (
                100,
                "\"b{n}\":{\"c\":{\"c\":{\"c\":{\"c\":{\"c\":{\"c\":{\"c\":{\"a\":\"1\"}}}}}}}},",
            ),
            (0, "\"b\":\"1\"}}"),
        ],
    ),
    Shape(
        "package.json: resolutions",
        &[
            (0, "{\"name\":\"own\",\"resolutions\":{"),
            (100, "\"**/b{n}/**/a\":\"1\","),
            (0, "\"b\":\"1\"}}"),
        ],
    ),
    Shape(
        "package.json: a resolution",
        &[
            (0, "{\"name\":\"own\",\"resolutions\":{\""),
            (100, "a/"),
            (0, "\":\"1\"}}"),
        ],
    ),
    Shape(
        "package.json: workspaces",
        &[
            (0, "{\"name\":\"own\",\"workspaces\":["),
            (100, "\"a{n}/*\","),
            (0, "\"b\"]}"),
        ],
    ),
    Shape(
        "package-lock: packages",
        &[
            (
                0,
                "{\n  \"name\": \"own\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"dependencies\": {\n        \"a\": \"1.0.0\"\n      }\n    }",
            ),
            (
                100,
                ",\n    \"node_modules/p{n}\": {\n      \"version\": \"1.0.0\",\n      \"dependencies\": {\n        \"a\": \"^1.0.0\"\n      }\n    }",
            ),
            (0, "\n  }\n}\n"),
        ],
    ),
    Shape(
        "package-lock: copies",
        &[
            (
                0,
                "{\n  \"name\": \"own\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"dependencies\": {\n        \"a\": \"1.0.0\"\n      }\n    }",
            ),
            (
                100,
                ",\n    \"node_modules/p{n}/node_modules/a\": {\n      \"version\": \"1.0.0\"\n    }",
            ),
            (0, "\n  }\n}\n"),
        ],
    ),
    Shape(
        "package-lock: a deep copy",
        &[
            (
                0,
                "{\n  \"name\": \"own\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"",
            ),
            (100, "node_modules/a/"),
            (
                0,
                "node_modules/a\": {\n      \"version\": \"1.0.0\"\n    }\n  }\n}\n",
            ),
        ],
    ),
    Shape(
        "package-lock: a deep copy that requires",
        &[
            (
                0,
                "{\n  \"name\": \"own\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"",
            ),
            (50, "node_modules/b/"),
            (
                0,
                "node_modules/b\": {\n      \"version\": \"1.0.0\",\n      \"dependencies\": {\n",
            ),
            (50, "        \"a{n}\": \"1\",\n"),
            (0, "        \"a\": \"1\"\n      }\n    }\n  }\n}\n"),
        ],
    ),
    Shape(
        "package-lock: the root's rows",
        &[
            (
                0,
                "{\n  \"name\": \"own\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"dependencies\": {\n",
            ),
            (100, "        \"a{n}\": \"1.0.0\",\n"),
            (0, "        \"a\": \"1.0.0\"\n      }\n    }\n  }\n}\n"),
        ],
    ),
    Shape(
        "package-lock: a long folder",
        &[
            (
                0,
                "{\n  \"name\": \"own\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"",
            ),
            (40, "x"),
            (0, "\": {\n      \"dependencies\": {\n"),
            (60, "        \"a{n}\": \"1.0.0\",\n"),
            (0, "        \"a\": \"1.0.0\"\n      }\n    }\n  }\n}\n"),
        ],
    ),
    Shape(
        "package-lock: the old tree",
        &[
            (
                0,
                "{\"name\":\"own\",\"lockfileVersion\":1,\"dependencies\":{",
            ),
            (
                100,
                "\"p{n}\":{\"version\":\"1.0.0\",\"requires\":{\"a\":\"1\"},\"dependencies\":{\"a\":{\"version\":\"1.0.0\"}}},",
            ),
            (0, "\"a\":{\"version\":\"1.0.0\"}}}"),
        ],
    ),
    Shape(
        "package-lock: half of one",
        &[
            (0, "{\"lockfileVersion\":3,\"packages\":{"),
            (100, "\"node_modules/a\":{},"),
        ],
    ),
    Shape(
        "package-lock: links",
        &[
            (0, "{\"lockfileVersion\":3,\"packages\":{"),
            (
                100,
                "\"node_modules/p{n}\":{\"resolved\":\"p{n}\",\"link\":true},\"p{n}\":{\"version\":\"1.0.0\"},",
            ),
            (0, "\"\":{}}}"),
        ],
    ),
    Shape(
        "simple: files",
        &[
            (
                0,
                "{\"meta\":{\"api-version\":\"1.1\"},\"name\":\"a\",\"files\":[",
            ),
            (
                100,
                "{\"filename\":\"a-1.{n}.tar.gz\",\"url\":\"../a-1.{n}.tar.gz\",\"hashes\":{\"sha256\":\"0\"}},",
            ),
            (
                0,
                "{\"filename\":\"a-1.tar.gz\",\"url\":\"../a-1.tar.gz\",\"hashes\":{}}]}",
            ),
        ],
    ),
    Shape(
        "packument",
        &[
            (0, "{\"name\":\"a\",\"versions\":{"),
            (
                100,
                "\"1.0.{n}\":{\"name\":\"a\",\"version\":\"1.0.{n}\",\"dist\":{\"tarball\":\"x\"}},",
            ),
            (0, "\"1.0.0\":{}}}"),
        ],
    ),
    Shape(
        "index lines",
        &[(
            100,
            "{\"name\":\"a\",\"vers\":\"1.0.{n}\",\"deps\":[],\"features\":{},\"cksum\":\"0\",\"yanked\":false}\n",
        )],
    ),
    // YAML.
    Shape("yaml: anchors", &[(100, "- &a{n} a\n- *a{n}\n")]),
    Shape(
        "yaml: laughs",
        &[(0, "a: &a [x,x]\n"), (100, "b{n}: &a [*a,*a,*a,*a,*a]\n")],
    ),
    Shape("yaml: aliases of itself", &[(100, "- a: &a *a\n")]),
    Shape("yaml: flow", &[(0, "a: "), (100, "[{a: ")]),
    Shape(
        "yaml: a flow of keys",
        &[(0, "a: {"), (100, "a{n}: 1, "), (0, "b: 1}\n")],
    ),
    Shape(
        "yaml: a flow over lines",
        &[(0, "a: ["), (100, "a,\n "), (0, "]\n")],
    ),
    Shape("yaml: compact sequences", &[(100, "- - - - a\n")]),
    Shape("yaml: one sequence", &[(100, "- ")]),
    Shape("yaml: complex keys", &[(100, "? a{n}\n: b\n")]),
    Shape("yaml: unended keys", &[(100, "? ")]),
    Shape("yaml: a key twice", &[(100, "a: 1\n")]),
    Shape("yaml: keys", &[(100, "a{n}: 1\n")]),
    Shape("yaml: tags", &[(100, "- !!str a\n")]),
    Shape("yaml: directives", &[(100, "%TAG !a{n}! x\n")]),
    Shape("yaml: documents", &[(100, "---\na: 1\n")]),
    Shape("yaml: a block", &[(0, "a: |\n"), (100, "  a\n")]),
    Shape("yaml: a folded block", &[(0, "a: >-\n"), (100, "  a\n\n")]),
    Shape(
        "yaml: a plain text over lines",
        &[(0, "a: a\n"), (100, "  a\n")],
    ),
    Shape(
        "yaml: a quoted text over lines",
        &[(0, "a: \""), (100, "  a\n\n"), (0, "\"\n")],
    ),
    Shape(
        "yaml: escapes",
        &[(0, "a: \""), (100, "\\u0061"), (0, "\"\n")],
    ),
    Shape("yaml: a simple key without end", &[(100, "a ")]),
    Shape(
        "pnpm: importers",
        &[
            (0, "lockfileVersion: '9.0'\n\nimporters:\n\n"),
            (
                100,
                "  p{n}:\n    dependencies:\n      a:\n        specifier: 1.0.0\n        version: 1.0.0\n\n",
            ),
            (
                0,
                "packages:\n\n  a@1.0.0:\n    resolution: {integrity: sha512-x}\n",
            ),
        ],
    ),
    Shape(
        "pnpm: an importer",
        &[
            (
                0,
                "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n",
            ),
            (
                100,
                "      a{n}:\n        specifier: 1.0.0\n        version: 1.0.0\n",
            ),
            (
                0,
                "\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: sha512-x}\n",
            ),
        ],
    ),
    Shape(
        "pnpm: a long importer",
        &[
            (0, "lockfileVersion: '9.0'\n\nimporters:\n\n  "),
            (40, "x"),
            (0, ":\n    dependencies:\n"),
            (
                60,
                "      a{n}:\n        specifier: 1.0.0\n        version: 1.0.0\n",
            ),
            (
                0,
                "\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: sha512-x}\n",
            ),
        ],
    ),
    Shape(
        "pnpm: packages",
        &[
            (
                0,
                "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: 1.0.0\n        version: 1.0.0\n\npackages:\n\n",
            ),
            (
                50,
                "  p{n}@1.0.0:\n    resolution: {integrity: sha512-x}\n\n",
            ),
            (0, "snapshots:\n\n"),
            (50, "  p{n}@1.0.0:\n    dependencies:\n      a: 1.0.0\n\n"),
        ],
    ),
    Shape(
        "pnpm: versions of one",
        &[
            (
                0,
                "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\npackages:\n\n",
            ),
            (
                50,
                "  a@1.0.{n}:\n    resolution: {integrity: sha512-x}\n\n",
            ),
            (0, "snapshots:\n\n"),
            (50, "  a@1.0.{n}: {}\n\n"),
        ],
    ),
    Shape(
        "pnpm: peers",
        &[
            (0, "lockfileVersion: '9.0'\n\nsnapshots:\n\n  b@1.0.0"),
            (100, "(a@1.0.{n})"),
            (0, ": {}\n"),
        ],
    ),
    Shape(
        "pnpm: nested peers",
        &[
            (0, "lockfileVersion: '9.0'\n\nsnapshots:\n\n  b@1.0.0"),
            (50, "(a@1.0.0"),
            (50, ")"),
            (0, ": {}\n"),
        ],
    ),
    Shape(
        "pnpm-workspace: catalogs",
        &[
            (0, "packages:\n  - a\ncatalogs:\n"),
            (100, "  c{n}:\n    a: ^1.0.0\n"),
        ],
    ),
    Shape(
        "pnpm-workspace: a catalog",
        &[
            (0, "packages:\n  - a\ncatalog:\n"),
            (100, "  a{n}: ^1.0.0\n"),
        ],
    ),
    Shape(
        "pnpm-workspace: a long catalog",
        &[
            (0, "packages:\n  - a\ncatalogs:\n  "),
            (40, "c"),
            (0, ":\n"),
            (60, "    a{n}: ^1.0.0\n"),
        ],
    ),
    Shape(
        "pnpm-workspace: exclusions",
        &[
            (
                0,
                "packages:\n  - a\nminimumReleaseAge: 1440\nminimumReleaseAgeExclude:\n",
            ),
            (100, "  - a{n}*\n"),
        ],
    ),
    Shape(
        "yarn: blocks",
        &[
            (0, "__metadata:\n  version: 8\n\n"),
            (
                100,
                "\"p{n}@npm:^1.0.0\":\n  version: 1.0.0\n  resolution: \"p{n}@npm:1.0.0\"\n  dependencies:\n    a: \"npm:^1.0.0\"\n  languageName: node\n  linkType: hard\n\n",
            ),
        ],
    ),
    Shape(
        "yarn: a descriptor",
        &[
            (0, "__metadata:\n  version: 8\n\n\"a@npm:1"),
            (100, ", a@npm:^1.{n}"),
            (
                0,
                "\":\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0\"\n  languageName: node\n  linkType: hard\n",
            ),
        ],
    ),
    Shape(
        "yarn: versions of one",
        &[
            (0, "__metadata:\n  version: 8\n\n"),
            (
                100,
                "\"a@npm:1.0.{n}\":\n  version: 1.0.{n}\n  resolution: \"a@npm:1.0.{n}\"\n  languageName: node\n  linkType: hard\n\n",
            ),
        ],
    ),
    Shape(
        "yarn: a block",
        &[
            (
                0,
                "__metadata:\n  version: 8\n\n\"own@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"own@workspace:.\"\n  dependencies:\n",
            ),
            (100, "    a{n}: \"npm:^1.0.0\"\n"),
            (0, "  languageName: unknown\n  linkType: soft\n"),
        ],
    ),
    Shape(
        "chart: rows",
        &[
            (0, "name: own\nversion: 1.0.0\ndependencies:\n"),
            (
                100,
                "- name: a{n}\n  repository: https://registry.example\n  version: 1.0.0\n",
            ),
            (0, "digest: sha256:0\ngenerated: \"2026-01-01T00:00:00Z\"\n"),
        ],
    ),
    Shape(
        "chart: rows of one",
        &[
            (0, "dependencies:\n"),
            (100, "- name: a\n  version: 1.0.{n}\n"),
            (0, "digest: sha256:0\n"),
        ],
    ),
    // Go.
    Shape(
        "go.mod: rows",
        &[
            (0, "module m\nrequire (\n"),
            (100, "\tregistry.example/a v1.0.{n}\n"),
            (0, ")\n"),
        ],
    ),
    Shape(
        "go.mod: modules",
        &[
            (0, "module m\nrequire (\n"),
            (100, "\tregistry.example/a{n} v1.0.0\n"),
            (0, ")\n"),
        ],
    ),
    Shape(
        "go.mod: indirect",
        &[
            (0, "module m\nrequire (\n"),
            (100, "\tregistry.example/a{n} v1.0.0 // indirect\n"),
            (0, ")\n"),
        ],
    ),
    Shape(
        "go.mod: replaced",
        &[
            (0, "module m\n"),
            (50, "require registry.example/a{n} v1.0.0\n"),
            (50, "replace registry.example/a{n} => ../a{n}\n"),
        ],
    ),
    Shape(
        "go.mod: replaced versions",
        &[
            (0, "module m\n"),
            (50, "require registry.example/a v1.0.{n}\n"),
            (50, "replace registry.example/a v1.0.{n} => ../a{n}\n"),
        ],
    ),
    Shape(
        "go.mod: retracted",
        &[
            (0, "module m\nretract (\n"),
            (100, "\t[v1.0.{n}, v1.1.{n}]\n"),
            (0, ")\n"),
        ],
    ),
    Shape(
        "go.mod: excluded",
        &[
            (0, "module m\n"),
            (100, "exclude registry.example/a v1.0.{n}\n"),
        ],
    ),
    Shape("go.mod: blocks", &[(0, "module m\n"), (100, "require (\n")]),
    Shape("go.mod: tokens", &[(0, "module m\nrequire"), (100, " a")]),
    Shape(
        "go.mod: block comments",
        &[(0, "module m\n"), (100, "/*\n")],
    ),
    Shape("go.mod: raw strings", &[(0, "module "), (100, "`")]),
    Shape(
        "go.work: uses",
        &[(0, "go 1.21\nuse (\n"), (100, "\t./a{n}\n"), (0, ")\n")],
    ),
    Shape(
        "go.sum: rows",
        &[(
            100,
            "registry.example/a v1.0.{n} h1:oKmp7RVtNJSYaSDl4z2LSxTSbCR1b2GDIXIe/DBaRkc=\n",
        )],
    ),
    Shape(
        "go.sum: modules",
        &[(
            100,
            "registry.example/a{n} v1.0.0/go.mod h1:oKmp7RVtNJSYaSDl4z2LSxTSbCR1b2GDIXIe/DBaRkc=\n",
        )],
    ),
    // Texts, settings, documents of registries.
    Shape(
        "changelog: headings",
        &[
            (0, "# Changelog\n\n## [Unreleased]\n\n- x\n\n"),
            (100, "## [1.{n}.0] - 2026-01-01\n\n- x\n\n"),
        ],
    ),
    Shape("changelog: unreleased", &[(100, "## [Unreleased]\n")]),
    Shape(
        "changelog: links",
        &[
            (0, "## [Unreleased]\n\n- x\n\n"),
            (
                100,
                "[1.{n}]: https://registry.example/compare/v1.{n}...HEAD\n",
            ),
        ],
    ),
    Shape("ini: sections", &[(100, "[global]\nx{n} = 1\n")]),
    Shape(
        "ini: a long section",
        &[(0, "[core \""), (40, "x"), (0, "\"]\n"), (60, "a = 1\n")],
    ),
    Shape("netrc", &[(100, "machine registry.example login a\n")]),
    Shape(
        "npmrc",
        &[(100, "//registry.example/a{n}/:_authToken=${TOKEN}\n")],
    ),
    Shape(
        "metadata: rows",
        &[
            (0, "Metadata-Version: 2.2\nName: a\nVersion: 1\n"),
            (100, "Requires-Dist: p{n}<2,>=1.0.0; extra == 'x'\n"),
        ],
    ),
    Shape(
        "metadata: folded",
        &[
            (
                0,
                "Metadata-Version: 2.2\nName: a\nVersion: 1\nRequires-Dist: a",
            ),
            (100, "\n  ,b"),
        ],
    ),
    Shape(
        "commits",
        &[(100, "feat(a)!: b\n\nBREAKING CHANGE: c\n\n---\n")],
    ),
    Shape(
        "a commit's footers",
        &[(0, "feat: b\n\n"), (100, "Refs: #{n}\n")],
    ),
    Shape(
        "headers",
        &[
            (0, "GET / HTTP/1.1\r\nHost: registry.example\r\n"),
            (100, "X-A{n}: 1\r\n"),
            (0, "\r\n"),
        ],
    ),
    Shape(
        "a header",
        &[(0, "GET / HTTP/1.1\r\nHost: "), (100, "x"), (0, "\r\n\r\n")],
    ),
    Shape(
        "chunks",
        &[
            (
                0,
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            ),
            (100, "1\r\nx\r\n"),
        ],
    ),
    Shape(
        "parts of a form",
        &[(
            100,
            "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n",
        )],
    ),
    Shape("fences of a form", &[(100, "--x")]),
    // workspace.toml.
    Shape(
        "workspace: repositories",
        &[
            (0, "[workspace]\nname = \"own\"\n"),
            (
                100,
                "[repo.a{n}]\nremote = \"https://registry.example/a{n}.git\"\n",
            ),
        ],
    ),
    Shape(
        "workspace: a chain",
        &[
            (0, "[workspace]\nname = \"own\"\n[repo.a0]\n"),
            (100, "[repo.a1{n}]\nneeds = [\"a{n}\"]\n"),
        ],
    ),
    Shape(
        "workspace: what is not declared",
        &[
            (0, "[workspace]\nname = \"own\"\n[repo.a]\nneeds = ["),
            (100, "\"b{n}\","),
            (0, "]\n"),
        ],
    ),
    Shape(
        "workspace: sites",
        &[
            (
                0,
                "[workspace]\nname = \"own\"\n[repo.b]\n[repo.a]\nneeds = [\"b\"]\n",
            ),
            (
                100,
                "[[repo.a.site]]\nfile = \"x{n}\"\nregex = '(?<version>[0-9.]+)'\nof = \"b\"\n",
            ),
        ],
    ),
    Shape(
        "workspace: wrong sites",
        &[
            (0, "[workspace]\nname = \"own\"\n[repo.a]\nsite = ["),
            (100, "1,"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "workspace: unknown keys",
        &[
            (0, "[workspace]\nname = \"own\"\n[repo.a]\n"),
            (100, "x{n} = 1\n"),
        ],
    ),
    Shape(
        "workspace: unknown tables",
        &[(0, "[workspace]\nname = \"own\"\n"), (100, "[x{n}]\n")],
    ),
    Shape(
        "workspace: packages",
        &[
            (0, "[workspace]\nname = \"own\"\n[repo.a]\npackages = ["),
            (100, "{path = \"a{n}\", name = \"a\", ecosystem = \"npm\"},"),
            (0, "]\n"),
        ],
    ),
    Shape(
        "workspace: ignored",
        &[
            (0, "[workspace]\nname = \"own\"\nignore = ["),
            (100, "\"a{n}/**\","),
            (0, "]\n[repo.a]\n"),
        ],
    ),
    Shape(
        "workspace: a template",
        &[
            (0, "[workspace]\nname = \"own\"\n[repo.a]\ntag = \""),
            (100, "{package}"),
            (0, "{version}\"\n"),
        ],
    ),
    Shape(
        "plan: steps",
        &[
            (0, "{\"schema\":\"cascade.plan/1\",\"steps\":["),
            (100, "{\"repo\":\"a{n}\",\"actions\":[]},"),
            (0, "{}]}"),
        ],
    ),
];
