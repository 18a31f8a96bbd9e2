//! Problems: what a request gets that cannot be answered. Bad input is never a fault of ours.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use paidan_model::text::Text;
use paidan_runtime::Denied;
use paidan_runtime::Fault;

/// Why a request is not answered.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    words: Text,
}

impl Problem {
    /// A problem in both languages.
    pub fn new(status: StatusCode, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { status, words: Text { zh: zh.into(), en: en.into() } }
    }

    /// Nothing is there.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "没有找到", "there is nothing here")
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        tracing::error!(%fault, "the store failed");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "系统暂时不可用，请稍后再试",
            "the store failed; try again later",
        )
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let en = denied.to_string();
        match denied {
            Denied::Refused(refusal) => Self { status: StatusCode::CONFLICT, words: refusal.text() },
            Denied::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "系统繁忙，请稍后再试", en),
            Denied::Unknown => Self::new(StatusCode::SERVICE_UNAVAILABLE, "结果未知，请刷新后查看", en),
            Denied::NotFound => Self::not_found(),
            Denied::KeyReused => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "同一请求标识内容不同", en),
            Denied::Fault(why) => {
                tracing::error!(why, "a command failed");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "系统暂时不可用，请稍后再试",
                    "the store failed; try again later",
                )
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let page = html! {
            (maud::DOCTYPE)
            html lang="zh-CN" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { "派单 Paidan" }
                    link rel="stylesheet" href="/static/paidan.css";
                }
                body {
                    main {
                        h1 { (self.words.zh) }
                        p lang="en" { (self.words.en) }
                        p { a href="/" { "返回 Back" } }
                    }
                }
            }
        };
        (self.status, page).into_response()
    }
}

/// For paths that lead nowhere.
pub async fn not_found() -> Problem {
    Problem::not_found()
}
