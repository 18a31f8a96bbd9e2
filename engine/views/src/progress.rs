//! What has become of the cases that name another one: how many there are, how many are fulfilled, and where the rest is.

use alloc::collections::BTreeMap;
use alloc::string::String;
use paidan_model::outcome::Class;
use paidan_model::text::Text;

use crate::worklist::Body;

/// What has become of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many name it.
    pub total: u64,
    /// How many of those ended as solved.
    pub delivered: u64,
    /// How many there are in each state, by its title in Chinese.
    pub states: BTreeMap<String, (Text, u64)>,
}

impl Progress {
    /// Counts one more.
    pub fn add(&mut self, body: &Body) {
        self.total += 1;
        self.delivered += u64::from(body.ended_as() == Some(Class::Solved));
        let title = || Text { zh: body.zh.clone(), en: body.en.clone() };
        self.states.entry(body.zh.clone()).or_insert_with(|| (title(), 0)).1 += 1;
    }
}
