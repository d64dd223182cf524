//! The applications of a text, in the waves in which they are brought out.

use super::{Application, is_set, objects, read};
use crate::deploy::{BRACES, Found};
use crate::json::Lines;
use crate::yaml::{Node, Yaml};
use crate::{Limit, ReadError, resolved};

/// Where the wave is told: the first that is a number counts.
const WAVES: &[&str] = &["argocd.argoproj.io/sync-wave", "helm.sh/hook-weight"];

/// Returns every application of Argo CD in a text and every set of them, in its order.
///
/// # Errors
/// As [`DeployFormat::read`](crate::deploy::DeployFormat::read). A template is no error: what has
/// expressions where YAML has none holds no application.
///
/// ```
/// use cascade_manifest::deploy::applications;
/// let text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: api\n  \
///     annotations: {argocd.argoproj.io/sync-wave: '-2'}\n";
/// let [api] = &applications(text)?[..] else { panic!("one application") };
/// assert_eq!((api.name.as_str(), api.wave, api.line), ("api", Some(-2), 1));
/// # Ok::<(), cascade_manifest::ReadError>(())
/// ```
pub fn applications(text: &str) -> Result<Vec<Application>, ReadError> {
    Limit::MANIFEST.check(text)?;
    resolved(text)?;
    let yaml = match Yaml::parse(text) {
        Ok(yaml) => yaml,
        Err(_) if text.contains(BRACES) => return Ok(Vec::new()),
        Err(why) => return Err(why),
    };
    let (aliases, lines) = (yaml.aliased(), Lines::of(text));
    let mut all = Vec::new();
    for object in yaml.documents().flat_map(objects) {
        let mut found = Found::of(text);
        if !read(object, &mut found) {
            continue;
        }
        all.push(Application {
            name: text_at(object, &["metadata", "name"])
                .unwrap_or_default()
                .to_owned(),
            wave: wave(object),
            line: lines.line(object.span().start),
            references: found.finish(&aliases, &lines),
        });
    }
    Ok(all)
}

/// Returns the wave of an application; of a set that says none, that of what it makes.
fn wave(object: Node<'_>) -> Option<i64> {
    let own = wave_at(object);
    let made = || {
        let template = object.find(&["spec", "template"])?;
        wave_at(template.followed())
    };
    own.or_else(|| made().filter(|_| is_set(object)))
}

fn wave_at(node: Node<'_>) -> Option<i64> {
    let number = |key: &&str| {
        let text = text_at(node, &["metadata", "annotations", key])?;
        text.trim_matches(['"', '\'', ' ']).parse().ok()
    };
    WAVES.iter().find_map(number)
}

fn text_at<'y>(node: Node<'y>, path: &[&str]) -> Option<&'y str> {
    node.find(path)?.followed().str()
}
