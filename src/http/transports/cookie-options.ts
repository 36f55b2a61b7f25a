/** A scope in which browsers may still have a cookie of the same name. */
export interface CookieScope {
  /** Its Path. Default `'/'`. */
  readonly path?: string | undefined;
  /** Its Domain. Default: none, this host only. */
  readonly domain?: string | undefined;
  /** Whether it was Partitioned. Default: as the cookie is. */
  readonly partitioned?: boolean | undefined;
}

/** The session cookie: its name, its scope, and how browsers keep it (rfc6265bis section 4.1). */
export interface CookieOptions {
  /**
   * The cookie's name, a token, case-sensitive. Default `'sid'`.
   *
   * OWASP ASVS 3.3.3 asks for `__Host-sid` if the session belongs to one host: no sibling domain and no attacker on plain
   * HTTP can set such a cookie. The prefixes `__Host-`, `__Secure-`, `__Http-` and `__Host-Http-` are recognised; options
   * that contradict the prefix are a TypeError. In development, over plain HTTP on a loopback address, the prefix is
   * dropped, with a process warning (code `SESSIONS_PREFIX_DROPPED`).
   */
  readonly name?: string | undefined;
  /**
   * The path below which the browser sends the cookie. Default `'/'`. Begins with `/`, at most 1024 characters. It protects
   * nothing: pages of one host can reach each other's cookies (rfc6265bis section 8.5).
   */
  readonly path?: string | undefined;
  /**
   * The domain whose hosts all receive the cookie. Default: none, this host only. That is safer, because any host of a domain
   * can set and overwrite its cookies (rfc6265bis section 8.6). A leading dot is ignored, as in browsers. IP addresses and names
   * without a dot are a TypeError, because browsers refuse them.
   */
  readonly domain?: string | undefined;
  /**
   * Whether the browser sends the cookie over TLS only. Default `'auto'`: if the request came over TLS, and always with a
   * name prefix, `sameSite: 'none'` or `partitioned`. Behind a proxy that ends TLS, `'auto'` needs the framework's
   * trust-proxy setting. With `false`, anyone on the network can read the sid (OWASP ASVS 3.3.1). Browsers drop a Secure
   * cookie that is sent over plain HTTP; the first one causes a process warning (code `SESSIONS_SECURE_COOKIE_OVER_HTTP`).
   */
  readonly secure?: boolean | 'auto' | undefined;
  /** Whether scripts cannot read the cookie. Default `true`. With `false`, any injected script can read the sid (OWASP ASVS 3.3.4). */
  readonly httpOnly?: boolean | undefined;
  /**
   * Which requests from other sites carry the cookie. Default `'lax'`: only top-level navigation by safe methods.
   * `'strict'`: none. `'none'`: all, so that the application must check for CSRF itself; forces Secure (OWASP ASVS 3.3.2).
   */
  readonly sameSite?: 'lax' | 'strict' | 'none' | undefined;
  /**
   * Whether the browser keeps the cookie when it closes. Default `true`: until the session expires, or ten years if it never
   * does; browsers limit this to 400 days. `false`: until the browser closes, though many restore it with their tabs.
   * `session.setLifetime({ persistent })` overrides it for one session. The session's timeouts apply in both cases.
   */
  readonly persistent?: boolean | undefined;
  /** Whether an embedded page has a separate cookie for each embedding site (CHIPS). Default `false`. `true` forces Secure. */
  readonly partitioned?: boolean | undefined;
  /**
   * Other scopes in which the application used to set a cookie of this name. They are cleared whenever the cookie is set or
   * cleared, so that no old copy remains; with `domain`, also the host's own, and with `partitioned`, the unpartitioned one.
   * Default: none.
   */
  readonly alsoClear?: readonly CookieScope[] | undefined;
}
