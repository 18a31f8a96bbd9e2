//! Names: one type per noun, made only by parsing, so that a role is never taken for a state.

use alloc::string::{String, ToString};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The longest id, in bytes.
pub const ID_BYTES_MAX: usize = 64;

/// Whether `text` is an id: a letter, then letters, digits, `_` or `-`, at most [`ID_BYTES_MAX`] bytes.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= ID_BYTES_MAX
        && bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses an id; nothing when the text breaks the rule of [`is_id`].
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                is_id(text).then(|| Self(text.to_string()))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                if is_id(&text) { Ok(Self(text)) } else { Err(NotAnId(text)) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}

/// A text that is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id")]
pub struct NotAnId(pub String);

ids! {
    /// A workflow's name.
    WorkflowId,
    /// A state's name.
    StateId,
    /// An action or event.
    ActionId,
    /// A role.
    RoleId,
    /// A field of the form.
    FieldId,
    /// A clock.
    ClockId,
    /// A pause.
    PauseId,
    /// A ladder of escalation.
    LadderId,
    /// A notice (message text).
    NoticeId,
    /// A hand-off to departments.
    HandoffId,
    /// A calendar.
    CalendarId,
    /// A channel of delivery.
    ChannelId,
    /// A unit of the organisation: centre, subdistrict, community, grid, department.
    UnitId,
    /// A kind of unit, such as `grid`.
    UnitKind,
    /// A job at a unit, such as `liaison`.
    PostId,
    /// A place of the town.
    PlaceId,
    /// One choice of a field of type choice.
    ChoiceId,
    /// A vote.
    VoteId,
    /// A kind of claim.
    ClaimsId,
    /// A split of a sum of money.
    SplitId,
    /// A hint.
    HintId,
    /// A start of a definition: when cases begin by themselves.
    StartId,
    /// A profile of a definition.
    ProfileId,
    /// How a case ended.
    OutcomeId,
    /// Why a department hands a leg back.
    GroundId,
}
