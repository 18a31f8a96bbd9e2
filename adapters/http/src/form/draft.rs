//! What somebody wrote in a form that was not taken.

use paidan_model::text::Text;

use super::{Sent, shown_as};

/// A form as it was sent, to be shown again; empty for a form that nobody has written in.
#[derive(Clone, Copy, Default)]
pub struct Draft<'s> {
    sent: Option<&'s Sent>,
    wrong: Option<(&'s str, &'s Text)>,
}

impl<'s> Draft<'s> {
    /// What was sent, and the field that did not fit, with why.
    #[must_use]
    pub fn of(sent: &'s Sent, wrong: Option<(&'s str, &'s Text)>) -> Self {
        Self { sent: Some(sent), wrong }
    }

    /// What was written under a name.
    #[must_use]
    pub fn said(&self, name: &str) -> Option<&'s str> {
        self.sent?.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All that was written under a name that may come several times.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&'s str> {
        let sent = self.sent.into_iter().flatten();
        sent.filter(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// Whether a value is among what was written under a name.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.sent.is_some_and(|sent| sent.iter().any(|(key, said)| key == name && said == value))
    }

    /// What the form had shown of a list or a sum when somebody began to write, as a fingerprint.
    #[must_use]
    pub fn shown_as(&self, name: &str) -> Option<&'s str> {
        shown_as(self.sent?, name)
    }

    /// Why this did not fit.
    #[must_use]
    pub fn why(&self, name: &str) -> Option<&'s Text> {
        self.wrong.filter(|(wrong, _)| *wrong == name).map(|(_, why)| why)
    }

    /// Whether this is what did not fit.
    #[must_use]
    pub fn is_wrong(&self, name: &str) -> bool {
        self.why(name).is_some()
    }
}
