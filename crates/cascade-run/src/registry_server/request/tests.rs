//! Reading requests, without a connection.

use super::*;

#[test]
fn a_path_is_decoded_part_by_part() {
    let parts = |target: &str| path(target).unwrap();
    assert_eq!(parts("/"), Vec::<String>::new());
    assert_eq!(parts("/a/b"), ["a", "b"]);
    assert_eq!(parts("/a/b/"), ["a", "b"]);
    assert_eq!(parts("/@s%2fn?x=/y#/z"), ["@s/n"]);
    assert_eq!(parts("//a"), ["", "a"]);
    assert_eq!(parts("/%C3%BC"), ["ü"]);
    for wrong in ["", "a", "http://x/y", "/%", "/%f", "/%+1", "/%0a", "/%80"] {
        assert!(path(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_request_cut_anywhere_waits_for_the_rest() {
    let whole = b"GET /x HTTP/1.1\r\nHost: localhost\r\nAccept: a\r\n\r\n";
    for length in 0..whole.len() {
        assert!(parsed(&whole[..length]).unwrap().is_none(), "{length}");
    }
    let (request, length) = parsed(whole).unwrap().unwrap();
    assert_eq!(length, whole.len());
    assert_eq!(request.header("accept"), Some("a"));
    assert_eq!(request.base(), "http://localhost");
    assert_eq!(request.keep, Keep::Open);
}

#[test]
fn only_names_of_the_loopback_are_hosts() {
    let host = |name: &str| host(&[("host".to_owned(), name.to_owned())]);
    for ours in [
        "localhost",
        "LOCALHOST:80",
        "127.0.0.1:4873",
        "127.1.2.3",
        "[::1]:1",
        "[::1]",
    ] {
        assert!(host(ours).is_ok(), "{ours}");
    }
    for other in [
        "",
        "0.0.0.0",
        "example",
        "localhost.example",
        "10.0.0.1:80",
        "127.0.0.1@x",
    ] {
        assert!(host(other).is_err(), "{other}");
    }
}
