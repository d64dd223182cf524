//! Ways to servers: through a proxy or past it, by the system's certificates or named ones.

use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy};

/// Returns the certificates in a PEM file.
pub(super) fn certificates(text: &[u8]) -> Vec<Certificate<'static>> {
    let items = parse_pem(text).filter_map(Result::ok);
    let only = items.filter_map(|it| match it {
        PemItem::Certificate(it) => Some(it),
        _ => None,
    });
    only.collect()
}

/// Returns a way through this proxy, to servers whose certificates lead to these roots.
pub(super) fn agent(proxy: Option<Proxy>, roots: RootCerts) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(proxy)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .user_agent(concat!("cascade/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_recv_response(Some(Duration::from_mins(1)))
        .timeout_global(Some(Duration::from_mins(5)))
        .build()
        .new_agent()
}

/// Returns the proxy of the environment, with what goes past it.
pub(super) fn proxy<'v>(var: &impl Fn(&str) -> Option<&'v str>) -> Option<Proxy> {
    let either = |name: &str| {
        let said = var(name).or_else(|| var(&name.to_uppercase()));
        said.filter(|it| !it.is_empty())
    };
    let said = Proxy::new(either("https_proxy").or_else(|| either("all_proxy"))?).ok()?;
    let mut built = Proxy::builder(said.protocol())
        .host(said.host())
        .port(said.port());
    if let (Some(user), Some(password)) = (said.username(), said.password()) {
        built = built.username(user).password(password);
    }
    for past in either("no_proxy").unwrap_or_default().split(',') {
        let past = past.trim();
        built = built.no_proxy(past);
        if !past.is_empty() && !past.starts_with(['.', '*']) {
            built = built.no_proxy(&format!(".{past}"));
        }
    }
    built.build().ok()
}
