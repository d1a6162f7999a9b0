package dev.holdfast.benchmarks;

/** Measures one subject. */
public interface Suite {

  /** The word for it on the command line and in the name of the results file. */
  String name();

  /** What is measured, in a few words. */
  String description();

  /** Measures everything and reports it; leaves no state behind but schemas, which the database drops. */
  void run(Bench bench);
}
