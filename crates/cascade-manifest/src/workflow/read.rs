//! From a tree of YAML to a workflow.

use std::collections::BTreeMap;

use super::{Access, Entry, Filter, Job, Matrix, Permissions, Scalar, ScalarKind, Step, Trigger};
use super::{Uses, Workflow};
use crate::ReadError;
use crate::json::Lines;
use crate::yaml::{self, Node, Style, Word, Yaml};

/// The most values of an axis, rows of a matrix and fields of a value that are read: no job runs
/// as often.
const MOST: usize = 256;
/// The most axes of a matrix that are read.
const AXES: usize = 32;

/// Reads a workflow.
///
/// # Errors
/// When the text is no mapping.
pub(super) fn workflow(text: &str, yaml: &Yaml<'_>) -> Result<Workflow, ReadError> {
    let reader = Reader {
        text,
        lines: Lines::of(text),
    };
    let root = yaml.root().filter(|it| it.is_mapping());
    let root = root.ok_or_else(|| ReadError {
        message: "it is no workflow: its root is no mapping".to_owned(),
        span: None,
    })?;
    let jobs = root.get("jobs").map(Node::followed);
    Ok(Workflow {
        name: reader.text_at(root, "name"),
        triggers: root
            .get("on")
            .map(|it| reader.triggers(it))
            .unwrap_or_default(),
        permissions: reader.permissions(root),
        env: reader.map_at(root, "env"),
        jobs: jobs.map(|it| reader.jobs(it)).unwrap_or_default(),
    })
}

struct Reader<'t> {
    text: &'t str,
    lines: Lines,
}

impl Reader<'_> {
    fn line(&self, node: Node<'_>) -> usize {
        self.lines.line(node.span().start)
    }

    fn scalar(&self, node: Node<'_>) -> Option<Scalar> {
        let scalar = node.followed().scalar()?;
        let kind = match scalar.word() {
            Word::Null => ScalarKind::Null,
            // The runner's YAML knows no `yes` and `on`.
            Word::Bool
                if matches!(scalar.value.to_ascii_lowercase().as_str(), "true" | "false") =>
            {
                ScalarKind::Truth
            }
            Word::Number => ScalarKind::Number,
            Word::Bool | Word::Date | Word::Text => ScalarKind::Text,
        };
        let value = match kind {
            ScalarKind::Number => shortened(scalar.value),
            _ => scalar.value.to_owned(),
        };
        Some(Scalar {
            value,
            written: scalar.value.to_owned(),
            kind,
            line: self.scalar_line(node.followed(), scalar.style),
            span: node.followed().span(),
        })
    }

    /// Returns the line of a scalar; of a block the line of its first content.
    fn scalar_line(&self, node: Node<'_>, style: Style) -> usize {
        let line = self.line(node);
        let start = self.text.get(node.span().start..).unwrap_or_default();
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let is_header = is_block && start.starts_with(['|', '>']);
        if is_header { line + 1 } else { line }
    }

    fn scalar_at(&self, node: Node<'_>, key: &str) -> Option<Scalar> {
        self.scalar(node.get(key)?)
    }

    fn text_at(&self, node: Node<'_>, key: &str) -> Option<String> {
        self.scalar_at(node, key).map(|it| it.value)
    }

    /// Returns a scalar, or the scalars of a sequence.
    fn scalars(&self, node: Node<'_>) -> Vec<Scalar> {
        let node = node.followed();
        match self.scalar(node) {
            Some(one) => vec![one],
            None => node.elements().filter_map(|it| self.scalar(it)).collect(),
        }
    }

    fn texts_at(&self, node: Node<'_>, key: &str) -> Vec<String> {
        let scalars = node.get(key).map(|it| self.scalars(it)).unwrap_or_default();
        scalars.into_iter().map(|it| it.value).collect()
    }

    fn map_at(&self, node: Node<'_>, key: &str) -> BTreeMap<String, Scalar> {
        let node = node.get(key).map(Node::followed);
        let entries = node.into_iter().flat_map(Node::entries);
        entries
            .filter_map(|(key, it)| Some((key.to_owned(), self.scalar(it)?)))
            .collect()
    }

    fn triggers(&self, on: Node<'_>) -> Vec<Trigger> {
        let on = on.followed();
        let named = |it: Scalar| Trigger {
            event: it.value,
            line: it.line,
            ..Trigger::default()
        };
        if !on.is_mapping() {
            return self.scalars(on).into_iter().map(named).collect();
        }
        let keys = on
            .fields()
            .filter_map(|(key, it)| Some((key, key.str()?, it.followed())));
        keys.map(|(key, event, it)| Trigger {
            event: event.to_owned(),
            line: self.line(key),
            branches: self.filter(it, "branches"),
            tags: self.filter(it, "tags"),
            paths: self.filter(it, "paths"),
            types: self.texts_at(it, "types"),
            crons: it
                .elements()
                .filter_map(|it| self.text_at(it, "cron"))
                .collect(),
        })
        .collect()
    }

    fn filter(&self, trigger: Node<'_>, key: &str) -> Filter {
        if trigger.get(key).is_some() {
            return Filter::Only(self.texts_at(trigger, key));
        }
        let ignored = format!("{key}-ignore");
        match trigger.get(&ignored) {
            Some(_) => Filter::But(self.texts_at(trigger, &ignored)),
            None => Filter::Any,
        }
    }

    fn permissions(&self, node: Node<'_>) -> Permissions {
        let Some(said) = node.get("permissions").map(Node::followed) else {
            return Permissions::Unsaid;
        };
        if let Some(word) = self.scalar(said) {
            return match word.value.as_str() {
                "write-all" => Permissions::All(Access::Write),
                "read-all" => Permissions::All(Access::Read),
                _ => Permissions::All(Access::None),
            };
        }
        let scopes = self.map_at(node, "permissions").into_iter();
        let scopes = scopes.map(|(scope, it)| (scope, Access::of(&it.value)));
        Permissions::Scopes(scopes.collect())
    }

    fn jobs(&self, jobs: Node<'_>) -> Vec<Job> {
        let named = jobs.fields().filter_map(|(key, job)| {
            let job = job.followed();
            job.is_mapping().then_some((key, job))
        });
        named.filter_map(|(key, job)| self.job(key, job)).collect()
    }

    fn job(&self, key: Node<'_>, job: Node<'_>) -> Option<Job> {
        let steps = job.get("steps").map(Node::followed);
        let steps = steps.into_iter().flat_map(Node::elements);
        Some(Job {
            id: key.str()?.to_owned(),
            name: self.text_at(job, "name"),
            line: self.line(key),
            needs: self.texts_at(job, "needs"),
            runs_on: self.runs_on(job),
            condition: self.scalar_at(job, "if"),
            continue_on_error: self.scalar_at(job, "continue-on-error"),
            permissions: self.permissions(job),
            environment: self.environment(job),
            matrix: self.matrix(job),
            env: self.map_at(job, "env"),
            uses: self.uses(job),
            with: self.map_at(job, "with"),
            secrets: self.secrets(job),
            steps: steps.map(|it| self.step(it.followed())).collect(),
        })
    }

    fn runs_on(&self, job: Node<'_>) -> Vec<Scalar> {
        let Some(said) = job.get("runs-on").map(Node::followed) else {
            return Vec::new();
        };
        let labels = said.get("labels").unwrap_or(said);
        self.scalars(labels)
    }

    fn environment(&self, job: Node<'_>) -> Option<Scalar> {
        let said = job.get("environment")?.followed();
        self.scalar(said).or_else(|| self.scalar_at(said, "name"))
    }

    fn secrets(&self, job: Node<'_>) -> BTreeMap<String, Scalar> {
        match job.get("secrets").and_then(|it| self.scalar(it)) {
            Some(word) => BTreeMap::from([(word.value.clone(), word)]),
            None => self.map_at(job, "secrets"),
        }
    }

    fn step(&self, step: Node<'_>) -> Step {
        Step {
            name: self.text_at(step, "name"),
            line: self.line(step),
            condition: self.scalar_at(step, "if"),
            continue_on_error: self.scalar_at(step, "continue-on-error"),
            uses: self.uses(step),
            with: self.map_at(step, "with"),
            run: self.scalar_at(step, "run"),
            env: self.map_at(step, "env"),
        }
    }

    fn uses(&self, node: Node<'_>) -> Option<Uses> {
        let used = self.scalar_at(node, "uses")?;
        let behind = self.text.get(used.span.end..).unwrap_or_default();
        let line = behind.lines().next().unwrap_or_default();
        let comment = line.trim_start().strip_prefix('#');
        let comment = comment.map(|it| it.trim().to_owned());
        Some(Uses::of(&used.value, used.line, comment))
    }

    fn matrix(&self, job: Node<'_>) -> Matrix {
        let Some(matrix) = job.find(&["strategy", "matrix"]).map(Node::followed) else {
            return Matrix::default();
        };
        let mut read = Matrix {
            unknown: self.scalar(matrix),
            ..Matrix::default()
        };
        for (key, values) in matrix.entries().take(AXES) {
            let values = values.followed();
            if read.unknown.is_none() {
                read.unknown = self.scalar(values);
            }
            let elements = values.elements().map(Node::followed).take(MOST);
            match key {
                "include" => read.include = elements.map(|it| self.entry("matrix", it)).collect(),
                "exclude" => read.exclude = elements.map(|it| self.entry("matrix", it)).collect(),
                axis => {
                    let place = format!("matrix.{axis}");
                    let values = elements.map(|it| self.entry(&place, it)).collect();
                    read.axes.push((axis.to_owned(), values));
                }
            }
        }
        read
    }

    /// Returns the scalars of a value by their places below one; what lies deeper is left out.
    fn entry(&self, place: &str, node: Node<'_>) -> Entry {
        if let Some(scalar) = self.scalar(node) {
            return Entry {
                values: BTreeMap::from([(place.to_owned(), scalar)]),
            };
        }
        let below = |(key, node): (&str, yaml::Node<'_>)| {
            let place = format!("{place}.{key}");
            let node = node.followed();
            if let Some(scalar) = self.scalar(node) {
                return vec![(place, scalar)];
            }
            let deeper = node.entries();
            deeper
                .filter_map(|(key, it)| Some((format!("{place}.{key}"), self.scalar(it)?)))
                .collect()
        };
        Entry {
            values: node.entries().flat_map(below).take(MOST).collect(),
        }
    }
}

/// Returns a number as the runner writes it: `3.10` as `3.1`, `3.0` as `3`.
fn shortened(text: &str) -> String {
    let is_decimal = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    match text.split_once('.') {
        Some((whole, fraction)) if is_decimal && !whole.is_empty() && !fraction.contains('.') => {
            let fraction = fraction.trim_end_matches('0');
            let whole = whole.trim_start_matches('0');
            let whole = if whole.is_empty() { "0" } else { whole };
            match fraction {
                "" => whole.to_owned(),
                _ => format!("{whole}.{fraction}"),
            }
        }
        _ => text.to_owned(),
    }
}
