//! How a line of the timeline is put together.

use alloc::string::String;
use paidan_model::text::Text;

pub(super) fn text(zh: String, en: String) -> Text {
    Text { zh, en }
}
