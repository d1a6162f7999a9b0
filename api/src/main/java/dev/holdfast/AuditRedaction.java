package dev.holdfast;

import dev.holdfast.contract.SecurityContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import dev.holdfast.migrations.Migrations;
import java.util.List;

/**
 * Sees to it that the views for auditors hide what the contract hides. Roles that were granted by an earlier release may not look at the
 * policy; that is no reason not to start. Immutable.
 */
final class AuditRedaction {

  private final Migrations migrations;
  private final SecurityContract contract;
  private final Log log;

  AuditRedaction(Migrations migrations, SecurityContract contract, Log log) {
    this.migrations = migrations;
    this.contract = contract;
    this.log = log;
  }

  /** Makes the contract that of the database. */
  void set() {
    tolerant(() ->
        migrations.setRedaction(contract.redactor().patterns(), contract.redactionPlaceholder()));
  }

  /** Says what views show although the contract hides it. */
  void check() {
    tolerant(() -> {
      List<String> shown = migrations.unredacted(contract.redactor().patterns());
      if (!shown.isEmpty()) {
        log.warn(
            "Views show values of names that the contract hides: {}; migrate with this contract, or change redaction_policy",
            shown);
      }
    });
  }

  private void tolerant(Runnable work) {
    try {
      work.run();
    } catch (HoldfastException e) {
      if (e.code() != ErrorCode.PERMISSION) {
        throw e;
      }
      log.warn("What the views hide is unknown, because the database user may not see it", e);
    }
  }
}
