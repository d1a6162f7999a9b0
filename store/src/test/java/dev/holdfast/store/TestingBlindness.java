package dev.holdfast.store;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/** Has a pool keep every connection, whatever failed on it. Immutable. */
final class TestingBlindness implements SQLExceptionOverride {

  @java.lang.Override
  public SQLExceptionOverride.Override adjudicate(SQLException failure) {
    return SQLExceptionOverride.Override.DO_NOT_EVICT;
  }
}
