//! Digests as cascade reads them, beside those of skopeo and of docker's registry.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use cascade_tests::Town;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::registry::oci::hashed;

/// A folder with images as skopeo takes them: one for one system, and an index of two.
struct Layout {
    folder: PathBuf,
}

impl Layout {
    fn new(folder: PathBuf) -> Self {
        let layout = Self { folder };
        layout.write("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        let one = layout.manifest("amd64");
        let two = layout.manifest("arm64");
        let index = layout.blob(&format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[{},{}]}}",
            described(&one, "manifest", "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}"),
            described(&two, "manifest", "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}"),
        ));
        let named = |name: &str| {
            format!("\"annotations\":{{\"org.opencontainers.image.ref.name\":\"{name}\"}}")
        };
        let (single, many) = (
            described(&one, "manifest", &named("single")),
            described(&index, "index", &named("many")),
        );
        let text = format!("{{\"schemaVersion\":2,\"manifests\":[{single},{many}]}}");
        layout.write("index.json", &text);
        layout
    }

    fn write(&self, path: &str, text: &str) {
        put(&self.folder.join(path), text);
    }

    fn bytes(&self, bytes: &[u8]) -> (String, usize) {
        let digest = hashed(bytes).unwrap().to_string();
        let at = self.folder.join("blobs/sha256");
        fs::create_dir_all(&at).unwrap();
        let mut file = fs::File::create(at.join(digest.replace("sha256:", ""))).unwrap();
        file.write_all(bytes).unwrap();
        (digest, bytes.len())
    }

    fn blob(&self, text: &str) -> (String, usize) {
        self.bytes(text.as_bytes())
    }

    fn manifest(&self, architecture: &str) -> (String, usize) {
        let plain = architecture.repeat(2000).into_bytes();
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&plain).unwrap();
        let layer = self.bytes(&packed.finish().unwrap());
        let inside = hashed(&plain).unwrap();
        let config = self.blob(&format!(
            "{{\"architecture\":\"{architecture}\",\"os\":\"linux\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[\"{inside}\"]}}}}"
        ));
        self.blob(&format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{},\"layers\":[{}]}}",
            described(&config, "config", "\"annotations\":{}"),
            described(&layer, "layer.v1.tar+gzip", "\"annotations\":{}").replace(".v1.tar+gzip.v1+json", ".v1.tar+gzip"),
        ))
    }
}

fn described((digest, size): &(String, usize), kind: &str, more: &str) -> String {
    format!(
        "{{\"mediaType\":\"application/vnd.oci.image.{kind}.v1+json\",\"digest\":\"{digest}\",\"size\":{size},{more}}}"
    )
}

/// Docker's registry, until it is dropped.
struct Real {
    child: Child,
    host: String,
}

impl Real {
    fn start(town: &Town) -> Self {
        let at = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let files = town.path().join("docker");
        let config = town.path().join("docker.yml");
        put(
            &config,
            &format!(
                "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: '{at}'}}\n",
                files.display()
            ),
        );
        let mut command: Command = town.command("docker-registry");
        command.arg("serve").arg(&config);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let begin = Instant::now();
        while ureq::get(format!("http://{at}/v2/")).call().is_err() {
            assert!(
                begin.elapsed() < Duration::from_secs(30),
                "it does not answer"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        let host = at.to_string();
        Self { child, host }
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_there(town: &Town, tool: &str) -> bool {
    let asked = town.command(tool).arg("--version").output();
    let there = asked.is_ok_and(|it| it.status.success());
    if !there {
        eprintln!("skipped: {tool} is not installed");
    }
    there
}

fn skopeo(town: &Town, args: &[&str]) -> Vec<u8> {
    let mut command = town.command("skopeo");
    command.arg("--insecure-policy").args(args);
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "skopeo {args:?}: {said}");
    out.stdout
}

/// Pushes both images with skopeo, and holds what cascade reads against what skopeo says.
fn agrees(town: &Town, host: &str, (push, pull): (&[&str], &[&str])) {
    let layout = Layout::new(town.path().join("layout"));
    let from = layout.folder.display().to_string();
    let registries = registries(town.path());
    let image = ImageName::parse(&format!("{host}/acme/core")).unwrap();
    for (name, tag) in [("single", "1.0.0"), ("many", "v1.1.0")] {
        let (source, target) = (
            format!("oci:{from}:{name}"),
            format!("docker://{image}:{tag}"),
        );
        let copy = ["copy", "--quiet", "--all", "--dest-tls-verify=false"];
        skopeo(town, &[&copy[..], push, &[&source, &target]].concat());
        let inspect = ["inspect", "--raw", "--tls-verify=false"];
        let raw = skopeo(town, &[&inspect[..], pull, &[&target]].concat());
        put(&town.path().join("raw"), &String::from_utf8(raw).unwrap());
        let file = town.path().join("raw").display().to_string();
        let said = skopeo(town, &["manifest-digest", &file]);
        let found = registries.digest(&image, tag).unwrap();
        assert_eq!(
            found.as_str(),
            String::from_utf8_lossy(&said).trim(),
            "{name}"
        );
        let wanted = fs::read_to_string(layout.folder.join("index.json")).unwrap();
        assert!(
            wanted.contains(found.as_str()),
            "{name} came as another one"
        );
    }
    let mut tags = registries.tags(&image).unwrap().unwrap();
    tags.sort();
    assert_eq!(tags, ["1.0.0", "v1.1.0"]);
    assert_eq!(registries.digest(&image, "2.0.0"), Err(Missed::Absent));
}

#[test]
fn docker_registry_and_skopeo_say_the_same_digests() {
    let town = Town::new();
    if !is_there(&town, "skopeo") || !is_there(&town, "docker-registry") {
        return;
    }
    let real = Real::start(&town);
    agrees(&town, &real.host, (&[], &[]));
}

#[test]
fn our_own_registry_is_one_for_skopeo_with_a_login_too() {
    let town = Town::new();
    if !is_there(&town, "skopeo") {
        return;
    }
    let server = RegistryServer::start(&town.path().join("registry"), 0).unwrap();
    let host = server.url().replace("http://", "");
    agrees(&town, &host, (&[], &[]));
    let server = RegistryServer::start(&town.path().join("closed"), 0).unwrap();
    server.opens(me());
    let host = server.url().replace("http://", "");
    let config = auths(&host, "me", "hunter2").to_string();
    put(&town.path().join("home/.docker/config.json"), &config);
    let login = (
        &["--dest-creds", "me:hunter2"][..],
        &["--creds", "me:hunter2"][..],
    );
    agrees(&town, &host, login);
}
