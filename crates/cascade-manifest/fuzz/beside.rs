//! Manifests that stand beside a lock, one of each ecosystem: a package of its own that asks for `a`.

pub(crate) const BESIDE: &[(&str, &str)] = &[
    (
        "pyproject.toml",
        "[project]\nname = \"own\"\nversion = \"1\"\ndependencies = [\"a==1\"]\n",
    ),
    (
        "package.json",
        "{\"name\":\"own\",\"version\":\"1.0.0\",\"dependencies\":{\"a\":\"1.0.0\"}}\n",
    ),
    (
        "Cargo.toml",
        "[package]\nname = \"own\"\nversion = \"1.0.0\"\n[dependencies]\na = \"1\"\n",
    ),
    (
        "go.mod",
        "module registry.example/own\n\ngo 1.21\n\nrequire registry.example/a v1.0.0\n",
    ),
    (
        "Chart.yaml",
        "name: own\nversion: 1.0.0\ndependencies:\n- name: a\n  version: 1.0.0\n",
    ),
    ("requirements.in", "a==1\n"),
];
