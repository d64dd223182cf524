//! How connections are kept, and ended.

use super::*;

#[test]
fn slow_clients_are_cut_and_others_served() {
    let town = Town::bounded(quick());
    for sent in [
        "GET /",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
        "PUT /npm/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nx",
        "PUT /npm/x HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1",
    ] {
        let started = Instant::now();
        let told = Told::parse(&town.raw(sent));
        assert_eq!(told.status, 408, "{sent}");
        assert!(started.elapsed() < Duration::from_secs(5), "{sent}");
    }
    // A byte now and then buys no more time.
    let mut slow = town.connect();
    let started = Instant::now();
    while slow.write_all(b"x").is_ok() && started.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(50));
    }
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(town.get("/").status, 200);
}

#[test]
fn too_many_connections_are_turned_away_and_silence_is_closed() {
    let town = Town::bounded(quick());
    let silent: Vec<TcpStream> = (0..3).map(|_| town.connect()).collect();
    let started = Instant::now();
    let mut turned = 0;
    // A connection counts when it was accepted, a moment after it was made.
    while town.get("/").status != 200 {
        turned += 1;
        assert!(started.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(30));
    }
    assert!(turned > 0);
    for mut stream in silent {
        assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0, "it was left open");
    }
}

#[test]
fn a_connection_serves_many_requests_and_chunked_bodies() {
    let town = Town::new();
    town.put("go/a/@v/list", "v1.0.0\n");
    let one = "GET /go/a/@v/list HTTP/1.1\r\nHost: localhost:1\r\n\r\n";
    let chunked = "PUT /cargo/api/v1/crates/new HTTP/1.1\r\nHost: [::1]:1\r\n\
        Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n";
    let last = format!("GET /go/a/@v/list HTTP/1.0\r\n{HOST}\r\n");
    let said = town.raw(format!("{one}\r\n{chunked}{one}{last}"));
    assert_eq!(said.matches("HTTP/1.1 200 OK\r\n").count(), 3, "{said}");
    assert_eq!(said.matches("HTTP/1.1 400 Bad").count(), 1, "{said}");
    assert_eq!(said.matches("Connection: close").count(), 1);
}

#[test]
fn whoever_waits_for_leave_to_send_gets_it() {
    let town = Town::new();
    let mut stream = town.connect();
    let head =
        format!("PUT /npm/x HTTP/1.1\r\n{HOST}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut said = [0; 25];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("HTTP/1.1 400 "), "{rest}");
}
