//! Licence expressions: does one of the choices an author gives lie wholly within a list of licences?

use std::collections::BTreeSet;

use anyhow::{Context, bail};

/// True when the expression can be met with licences from `allowed` alone.
/// `AND` binds before `OR`; the old `/` means `OR`; an exception after `WITH` is part of the licence's name.
pub fn allows(expression: &str, allowed: &BTreeSet<String>) -> anyhow::Result<bool> {
    let words = words(expression);
    let mut reader = Reader { words: &words, allowed };
    let verdict = reader.any().with_context(|| format!("`{expression}` is no licence expression"))?;
    if let Some(word) = reader.words.first() {
        bail!("`{expression}` is no licence expression: `{word}` was not expected");
    }
    Ok(verdict)
}

fn words(expression: &str) -> Vec<String> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    spaced.split_whitespace().map(String::from).collect()
}

struct Reader<'a> {
    words: &'a [String],
    allowed: &'a BTreeSet<String>,
}

impl Reader<'_> {
    fn any(&mut self) -> anyhow::Result<bool> {
        let mut verdict = self.all()?;
        while self.take("OR") {
            verdict |= self.all()?;
        }
        Ok(verdict)
    }

    fn all(&mut self) -> anyhow::Result<bool> {
        let mut verdict = self.operand()?;
        while self.take("AND") {
            verdict &= self.operand()?;
        }
        Ok(verdict)
    }

    fn operand(&mut self) -> anyhow::Result<bool> {
        if self.take("(") {
            let verdict = self.any()?;
            if !self.take(")") {
                bail!("a bracket stays open");
            }
            return Ok(verdict);
        }
        let mut name = self.name()?;
        if self.take("WITH") {
            name = format!("{name} WITH {}", self.name()?);
        }
        Ok(self.allowed.contains(&name))
    }

    fn name(&mut self) -> anyhow::Result<String> {
        match self.words.split_first() {
            Some((word, rest)) if !["AND", "OR", "WITH", "(", ")"].contains(&word.as_str()) => {
                self.words = rest;
                Ok(word.clone())
            }
            Some((word, _)) => bail!("`{word}` stands where a licence should"),
            None => bail!("it ends where a licence should stand"),
        }
    }

    fn take(&mut self, expected: &str) -> bool {
        match self.words.split_first() {
            Some((word, rest)) if word == expected => {
                self.words = rest;
                true
            }
            Some(_) | None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn check(expression: &str) -> bool {
        let allowed = ["MIT", "Apache-2.0", "ISC"].map(String::from).into();
        allows(expression, &allowed).unwrap()
    }

    #[test]
    fn one_choice_is_enough() {
        assert!(check("MIT"));
        assert!(check("MIT/Unlicense"));
        assert!(check("GPL-3.0-only OR Apache-2.0 AND ISC"));
        assert!(check("Apache-2.0 WITH LLVM-exception OR MIT"));
    }

    #[test]
    fn every_part_of_a_choice_counts() {
        assert!(!check("MIT AND OpenSSL"));
        assert!(!check("(MIT OR Apache-2.0) AND OpenSSL"));
        assert!(!check("Apache-2.0 WITH LLVM-exception"));
    }

    #[test]
    fn what_is_no_expression_is_an_error() {
        for text in ["", "MIT OR", "(MIT", "MIT Apache-2.0", "AND MIT", "MIT)"] {
            assert!(allows(text, &BTreeSet::new()).is_err(), "{text}");
        }
    }
}
