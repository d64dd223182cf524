//! Locks as their tools write them, of as many packages as wanted.

/// A digest of SHA-256.
pub(crate) const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The built files of a package that is not pure Python.
const TAGS: [&str; 9] = [
    "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp311-cp311-macosx_11_0_arm64",
    "cp311-cp311-win_amd64",
    "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp312-cp312-macosx_11_0_arm64",
    "cp312-cp312-win_amd64",
    "cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "cp313-cp313-macosx_11_0_arm64",
    "cp313-cp313-win_amd64",
];

/// Returns a `uv.lock` of a project and as many packages, of which three in eight are not pure
/// Python: 2 KB a package, a quarter of what they took in a real lock of 130.
pub(crate) fn uv_lock(count: usize) -> String {
    let mut text = String::from(
        "version = 1\nrevision = 3\nrequires-python = \">=3.9\"\n\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\nsource = { virtual = \".\" }\ndependencies = [\n    { name = \"pack-0050\" },\n]\n\n[package.metadata]\nrequires-dist = [{ name = \"pack-0050\", specifier = \"==1.0.0\" }]\n",
    );
    for nth in 0..count {
        let (name, stem) = (format!("pack-{nth:04}"), format!("pack_{nth:04}-1.0.0"));
        let tags = if nth % 8 >= 5 {
            &TAGS[..]
        } else {
            &["py3-none-any"]
        };
        text += &format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = {{ registry = \"https://registry.example/simple\" }}\n"
        );
        if nth % 3 == 0 {
            let (a, b) = (nth * 4 % count, (nth * 4 + 1) % count);
            text += &format!(
                "dependencies = [\n    {{ name = \"pack-{a:04}\" }},\n    {{ name = \"pack-{b:04}\", marker = \"sys_platform == 'win32'\" }},\n]\n"
            );
        }
        text += &format!(
            "sdist = {{ {} }}\nwheels = [\n",
            file(&format!("{stem}.tar.gz"))
        );
        for tag in tags {
            text += &format!("    {{ {} }},\n", file(&format!("{stem}-{tag}.whl")));
        }
        text += "]\n";
    }
    text
}

fn file(name: &str) -> String {
    format!(
        "url = \"https://registry.example/files/{HASH}/{name}\", hash = \"sha256:{HASH}\", size = 1000, upload-time = \"2026-01-01T00:00:00Z\""
    )
}

/// Returns a `Cargo.lock` of as many packages.
pub(crate) fn cargo_lock(count: usize) -> String {
    let mut text = String::from(
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\n \"pack-0050\",\n]\n",
    );
    for nth in 0..count {
        text += &format!(
            "\n[[package]]\nname = \"pack-{nth:04}\"\nversion = \"1.0.0\"\nsource = \"registry+https://registry.example/index\"\nchecksum = \"{HASH}\"\n"
        );
        if nth > 0 {
            text += "dependencies = [\n \"pack-0000\",\n]\n";
        }
    }
    text
}

/// Returns a `package-lock.json` of a project and as many packages.
pub(crate) fn package_lock(count: usize) -> String {
    let mut text = String::from(
        "{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \"packages\": {\n    \"\": {\n      \"name\": \"app\",\n      \"version\": \"1.0.0\",\n      \"dependencies\": {\n        \"pack-0050\": \"1.0.0\"\n      }\n    }",
    );
    for nth in 0..count {
        text += &format!(
            ",\n    \"node_modules/pack-{nth:04}\": {{\n      \"version\": \"1.0.0\",\n      \"resolved\": \"https://registry.example/pack-{nth:04}/-/pack-{nth:04}-1.0.0.tgz\",\n      \"integrity\": \"sha512-{HASH}\",\n      \"license\": \"MIT\"\n    }}"
        );
    }
    text + "\n  }\n}\n"
}
