//! The server: where it listens, how it anchors, what carries its messages.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::value::{Anything, ChannelKind, Encoding, Ids, Period, Rate, Secret, Tls};

/// `[serve]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Serve {
    /// Where it listens. 监听地址
    #[schemars(extend("examples" = ["127.0.0.1:8311"]))]
    listen: Option<String>,
    /// Where metrics are shown. 指标地址
    metrics: Option<String>,
    /// What links begin with. 链接前缀
    base: Option<String>,
    /// The name of the town. 地方名称
    title: Option<String>,
    /// The file of the store. 存储文件
    store: Option<String>,
    /// Files and folders that are published at the start. 启动时发布哪些定义
    definitions: Option<Vec<String>>,
    /// Workflows that residents open without an account. 居民无需登录即可发起的流程
    open_to_residents: Option<Ids>,
    /// Whether a proxy before it adds TLS. 前面是否有TLS代理
    behind_tls: Option<bool>,
}

/// `[audit]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Audit {
    /// How often the head of the history is published. 多久公布一次锚
    anchor: Option<Period>,
    /// Whose history it is. 来源
    origin: Option<String>,
}

/// `[channels.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Channel {
    /// What carries the messages. 种类
    kind: ChannelKind,
    /// Of mail: the server. 邮件服务器
    host: Option<String>,
    /// Of mail: the port. 端口
    #[schemars(range(min = 1, max = 65_535))]
    port: Option<u16>,
    /// Of mail: how the connection is protected. 加密
    tls: Option<Tls>,
    /// Of mail: who it comes from. 发件人
    from: Option<String>,
    /// Of mail: the user. 用户
    user: Option<String>,
    /// Of mail: the password. 密码
    password: Option<Secret>,
    /// Of a webhook up to four, of HTTP by name. 密钥
    secrets: Option<Secrets>,
    /// Whether addresses of this network are allowed. 是否允许内网地址
    internal: Option<bool>,
    /// Of HTTP: the address. 地址
    url: Option<String>,
    /// Of HTTP: headers. 请求头
    headers: Option<BTreeMap<String, String>>,
    /// Of HTTP: what is sent. 请求体
    body: Option<Anything>,
    /// Of HTTP: how it is signed. 签名
    sign: Option<Sign>,
    /// Of HTTP: what an answer must have. 何为成功
    success: Option<BTreeMap<String, Anything>>,
    /// Of HTTP: how often. 频率
    rate: Option<Rate>,
}

/// Secrets in order, or by name.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Secrets {
    /// The first signs, all are taken. 按顺序
    List(Vec<Secret>),
    /// By name. 按名称
    Named(BTreeMap<String, Secret>),
}

/// How a message is signed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sign {
    /// The key. 密钥
    key: String,
    /// What is signed. 签什么
    over: String,
    /// How it is written. 编码
    encoding: Encoding,
}
