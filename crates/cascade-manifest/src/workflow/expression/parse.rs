//! Reads an expression and evaluates it on the way.

use std::cmp::Ordering;

use super::Truth;
use super::value::Value;
use crate::workflow::Entry;

/// The deepest nesting that is judged.
const DEPTH: usize = 40;

/// What is left of an expression, and the values that it is read with.
pub(super) struct Parser<'e> {
    rest: &'e str,
    entry: &'e Entry,
    depth: usize,
}

/// What is no expression.
struct Odd;

impl<'e> Parser<'e> {
    pub(super) fn new(body: &'e str, entry: &'e Entry) -> Self {
        Self {
            rest: body.trim(),
            entry,
            depth: 0,
        }
    }

    /// Returns what all of the text comes to; what is no expression is unknown.
    pub(super) fn whole(mut self) -> Value {
        match self.either() {
            Ok(value) if self.rest.is_empty() => value,
            _ => Value::Unknown,
        }
    }

    fn take(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else {
            return false;
        };
        self.rest = rest.trim_start();
        true
    }

    fn either(&mut self) -> Result<Value, Odd> {
        let mut left = self.both()?;
        while self.take("||") {
            let right = self.both()?;
            left = match left.truth() {
                Truth::Yes => left,
                Truth::No => right,
                Truth::Unknown if right.truth() == Truth::Yes => Value::Bool(Truth::Unknown),
                Truth::Unknown => Value::Unknown,
            };
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Value, Odd> {
        let mut left = self.comparison()?;
        while self.take("&&") {
            let right = self.comparison()?;
            left = match left.truth() {
                Truth::No => left,
                Truth::Yes => right,
                Truth::Unknown if right.truth() == Truth::No => Value::Bool(Truth::No),
                Truth::Unknown => Value::Unknown,
            };
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Value, Odd> {
        let mut left = self.unary()?;
        loop {
            let truth = if self.take("==") {
                left.equals(&self.unary()?)
            } else if self.take("!=") {
                left.equals(&self.unary()?).not()
            } else if self.take("<=") {
                self.ordered(&left, Ordering::is_le)?
            } else if self.take(">=") {
                self.ordered(&left, Ordering::is_ge)?
            } else if self.take("<") {
                self.ordered(&left, Ordering::is_lt)?
            } else if self.take(">") {
                self.ordered(&left, Ordering::is_gt)?
            } else {
                return Ok(left);
            };
            left = Value::Bool(truth);
        }
    }

    fn ordered(&mut self, left: &Value, is: fn(Ordering) -> bool) -> Result<Truth, Odd> {
        let order = left.compare(&self.unary()?);
        Ok(order.map_or(Truth::Unknown, |it| Truth::of(is(it))))
    }

    fn unary(&mut self) -> Result<Value, Odd> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Odd);
        }
        let negated = !self.rest.starts_with("!=") && self.take("!");
        let value = if negated {
            Value::Bool(self.unary()?.truth().not())
        } else if self.take("(") {
            let inner = self.either()?;
            if !self.take(")") {
                return Err(Odd);
            }
            inner
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn primary(&mut self) -> Result<Value, Odd> {
        if self.rest.starts_with('\'') {
            return self.string().map(Value::Text);
        }
        let end = self.rest.find(|c: char| !is_word(c));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if word.is_empty() {
            return Err(Odd);
        }
        self.rest = rest.trim_start();
        if let Ok(number) = word.parse() {
            return Ok(Value::Number(number));
        }
        match word {
            "true" => Ok(Value::Bool(Truth::Yes)),
            "false" => Ok(Value::Bool(Truth::No)),
            "null" => Ok(Value::Null),
            _ if self.rest.starts_with('(') => self.call(word),
            _ => self.context(word),
        }
    }

    /// Returns the string at the start, in which `''` is a quote.
    fn string(&mut self) -> Result<String, Odd> {
        let mut out = String::new();
        let mut rest = self.rest.strip_prefix('\'').ok_or(Odd)?;
        loop {
            let (part, behind) = rest.split_once('\'').ok_or(Odd)?;
            out.push_str(part);
            let Some(more) = behind.strip_prefix('\'') else {
                self.rest = behind.trim_start();
                return Ok(out);
            };
            out.push('\'');
            rest = more;
        }
    }

    fn call(&mut self, name: &str) -> Result<Value, Odd> {
        let mut given = Vec::new();
        self.take("(");
        while !self.take(")") {
            if !(given.is_empty() || self.take(",")) {
                return Err(Odd);
            }
            given.push(self.either()?);
        }
        let texts: Vec<String> = given
            .iter()
            .filter_map(Value::text)
            .map(|it| it.to_lowercase())
            .collect();
        let two = match texts.as_slice() {
            [a, b] if given.len() == 2 => Some((a.as_str(), b.as_str())),
            _ => None,
        };
        let truth = match (name.to_lowercase().as_str(), two) {
            ("always" | "success", _) => Truth::Yes,
            ("failure" | "cancelled", _) => Truth::No,
            ("contains", Some((text, part))) => Truth::of(text.contains(part)),
            ("startswith", Some((text, part))) => Truth::of(text.starts_with(part)),
            ("endswith", Some((text, part))) => Truth::of(text.ends_with(part)),
            _ => return Ok(Value::Unknown),
        };
        Ok(Value::Bool(truth))
    }

    /// Returns what stands at a place among the contexts: `matrix.os`, `matrix['os']`.
    fn context(&mut self, word: &str) -> Result<Value, Odd> {
        let mut place = word.to_owned();
        while self.take("[") {
            let key = if self.rest.starts_with('\'') {
                self.string()?
            } else {
                // An index or another context: only a run knows.
                self.either()?;
                "*".to_owned()
            };
            if !self.take("]") {
                return Err(Odd);
            }
            place.push('.');
            place.push_str(&key);
            if self.rest.starts_with('.') {
                let end = self.rest.find(|c: char| !is_word(c));
                let (more, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                place.push_str(more);
                self.rest = rest.trim_start();
            }
        }
        Ok(self.at(&place))
    }

    fn at(&self, place: &str) -> Value {
        if let Some(scalar) = self.entry.get(place) {
            return Value::of(scalar);
        }
        let is_whole = place.starts_with("matrix.") && !place.contains('*');
        let has_parts = || {
            let mut values = self.entry.values.keys();
            values.any(|it| it.strip_prefix(place).is_some_and(|it| it.starts_with('.')))
        };
        // A value that this run has not is nothing; without any, nothing is known of the matrix.
        let known = self.entry.values.keys().any(|it| it.starts_with("matrix."));
        if is_whole && known && !has_parts() {
            Value::Null
        } else {
            Value::Unknown
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*')
}
