use super::publishing::is_command;
use super::runtime_fallback::fallbacks;

fn found(text: &str) -> Vec<(usize, &str)> {
    fallbacks(text).collect()
}

#[test]
fn a_fallback_is_a_literal_behind_the_exception() {
    let text = "try:\n    __version__ = version(\"x\")\nexcept PackageNotFoundError:\n\n    \
        # none\n    __version__ = '1.2.3'  # why\n    other = \"2\"\nVERSION = \"9\"\n";
    assert_eq!(found(text), [(6, "1.2.3")]);
    let one = "try:\n    v()\nexcept metadata.PackageNotFoundError: version: str = \"0\"\n";
    assert_eq!(found(one), [(3, "0")]);
    let inner = "def f():\n    try:\n        pass\n    except (A, PackageNotFoundError):\n        \
        _version = \"dev\"\n    x_version = \"1\"\n";
    assert_eq!(found(inner), [(5, "dev")]);
}

#[test]
fn what_is_no_literal_or_stands_elsewhere_is_no_fallback() {
    for text in [
        "except ImportError:\n    __version__ = \"1.2.3\"\n",
        "except PackageNotFoundError:\n    __version__ = compute()\n",
        "except PackageNotFoundError:\n    pass\n__version__ = \"1.2.3\"\n",
        "except PackageNotFoundError:\n    __version__ = f\"1.2.3\"\n",
        "# except PackageNotFoundError:\n#    __version__ = \"1\"\n",
        "",
    ] {
        assert!(found(text).is_empty(), "{text}");
    }
}

#[test]
fn a_command_is_words_of_its_own() {
    assert!(is_command(
        "cd x && npm publish --access public",
        "npm publish"
    ));
    assert!(is_command("npm publish", "npm publish"));
    assert!(!is_command("pnpm publish", "npm publish"));
    assert!(!is_command("npm publish-dry", "npm publish"));
}
