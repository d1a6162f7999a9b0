package dev.holdfast.store.cache;

/**
 * When a process tells others, by NOTIFY, that it has written, so that they look at once instead of at their next poll. It makes cached
 * reads fresher and never more correct: what is not announced is found by polling.
 */
public enum Announcements {
  /** While the process itself reads from its cache. The default: who does not use the cache pays nothing. */
  WHILE_CACHING,
  /** After every write, for processes that write what others read from their caches. Takes one connection while there are writes. */
  ALWAYS,
  /** Neither sent nor listened to: for connections that go through a pooler in transaction mode, where LISTEN does not work. */
  NEVER
}
