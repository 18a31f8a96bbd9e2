//! What is not written because its absence says it.

/// For serde: leaves a default out.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// For serde: leaves `false` out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}
