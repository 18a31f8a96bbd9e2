//! Profiles put into force: the forms of a definition, and which of them the town has picked.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::id::{ProfileId, WorkflowId};
use paidan_model::script::Script;
use paidan_model::workflow::{Profile, Workflow};

use crate::agreed::Agreed;
pub use crate::agreed::Form;
use crate::code::Code;
use crate::finding::Finding;
use crate::read::profile::{AS_WRITTEN, Pick, offered};
use crate::reader::Reader;
use crate::source::Place;
use crate::tree::Node;

impl Form {
    /// The form as it is written.
    pub(crate) fn written(workflow: Workflow) -> Option<Self> {
        Some(Self { digest: workflow.digest().ok()?, workflow })
    }

    /// A form of the same text under a profile.
    pub(crate) fn under(&self, profile: &ProfileId, mut workflow: Workflow) -> Option<Self> {
        workflow.profile = Some(Profile { id: profile.clone(), of: self.digest.clone() });
        Self::written(workflow)
    }
}

impl Agreed {
    /// The form that a test is played on: under the profile it names, else the one in force.
    #[must_use]
    pub fn form_of(&self, script: &Script) -> (&Workflow, &str) {
        let named = script.profile.as_ref().and_then(|_| self.forms.get(&script.profile));
        named.map_or((&self.workflow, self.digest.as_str()), |form| (&form.workflow, form.digest.as_str()))
    }

    /// The definition as it is written, whatever the town has picked.
    #[must_use]
    pub fn as_written(&self) -> &Workflow {
        self.forms.get(&None).map_or(&self.workflow, |form| &form.workflow)
    }

    /// The profiles it declares.
    pub fn profiles(&self) -> impl Iterator<Item = &ProfileId> {
        self.forms.keys().filter_map(Option::as_ref)
    }
}

/// What a town has picked: by its own texts, and by what is in force already.
pub(crate) struct Choice<'c> {
    /// What its texts say.
    pub picks: &'c BTreeMap<WorkflowId, Pick>,
    /// The profiles in force; they stay where no text says another.
    pub kept: &'c BTreeMap<WorkflowId, ProfileId>,
    /// What is in force beside the texts.
    pub in_force: &'c [Workflow],
}

impl Choice<'_> {
    /// Puts the picked form of a definition in force; false when it has no such profile.
    pub fn put(&self, reader: &Reader, agreed: &mut Agreed, head: Place) -> bool {
        let id = &agreed.workflow.id;
        let pick = self.picks.get(id);
        let wanted = pick.map_or_else(|| self.kept.get(id).cloned(), |pick| pick.profile.clone());
        if let Some(form) = agreed.forms.get(&wanted).cloned() {
            (agreed.workflow, agreed.digest) = (form.workflow, form.digest);
            return true;
        }
        let Some(profile) = wanted else { return false };
        let (zh, en) = match pick {
            Some(_) => {
                (format!("流程`{id}`没有地方参数`{profile}`"), format!("`{id}` has no profile `{profile}`"))
            }
            None => (
                format!("流程`{id}`现行的地方参数`{profile}`不再有了；请在[profiles]里另选"),
                format!("`{id}` is in force under the profile `{profile}`, which is gone: pick another"),
            ),
        };
        let finding = Finding::new(Code::UnknownName, pick.map_or(head, |pick| pick.place), zh, en);
        reader.note(match (pick, agreed.profiles().next()) {
            (None, None) => {
                finding.help(format!("write `{id} = \"{AS_WRITTEN}\"` in [profiles] of the town"))
            }
            (Some(_), _) | (None, Some(_)) => offered(finding, &profile, agreed.profiles()),
        });
        false
    }

    /// Notes each workflow that is picked for and is not there. Without any definition nothing can be said.
    pub fn known(&self, reader: &Reader, trees: &[Node]) {
        let id = |root: &Node| root.get("workflow").and_then(|head| head.get("id")?.text().map(String::from));
        let given: BTreeSet<String> = trees.iter().filter_map(id).collect();
        if given.is_empty() && self.in_force.is_empty() {
            return;
        }
        for (workflow, pick) in self.picks.iter().filter(|(id, _)| !given.contains(id.as_str())) {
            let held = self.in_force.iter().find(|held| held.id == *workflow);
            let finding = match held {
                Some(held) if held.profile_id() == pick.profile.as_ref() => continue,
                Some(_) => Finding::new(
                    Code::UnknownName,
                    pick.key,
                    format!("改选地方参数要连同流程`{workflow}`的定义一起给出"),
                    format!(
                        "`{workflow}` is in force under another profile; its definition is not given here"
                    ),
                )
                .help("give the file of the definition too"),
                None => Finding::new(
                    Code::UnknownName,
                    pick.key,
                    format!("没有流程`{workflow}`"),
                    format!("there is no workflow `{workflow}`"),
                )
                .nearest(workflow.as_str(), given.iter().map(String::as_str)),
            };
            reader.note(finding);
        }
    }
}
