package dev.holdfast.store.json;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON Merge Patch, RFC 7396: an object whose members replace those of the target, recursively, null meaning removal. Anything
 * but an object replaces the target as a whole. It cannot set a member to null, use {@link JsonPatch} for that. Immutable.
 */
public final class MergePatch {

  private final JsonNode patch;

  private MergePatch(JsonNode patch) {
    this.patch = patch;
  }

  /**
   * A patch from a tree, of which a copy is kept; every tree is a merge patch.
   *
   * @throws CodecException if the tree has no JSON form
   */
  public static MergePatch of(JsonNode patch) {
    return new MergePatch(Json.json(patch));
  }

  /**
   * A patch from a JSON text.
   *
   * @throws CodecException if the text is not one strict JSON document
   */
  public static MergePatch parse(String json) {
    return new MergePatch(Json.parse(json));
  }

  /**
   * The target with this patch merged into it. The argument is never changed and shares nothing with the result. Never fails.
   *
   * @param target the document to change, or null if there is none, which is the same as any scalar
   */
  public JsonNode apply(@Nullable JsonNode target) {
    return merge(target == null ? null : target.deepCopy(), patch);
  }

  /** The patch as a tree of its own. */
  public JsonNode toJson() {
    return patch.deepCopy();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MergePatch merge && patch.equals(merge.patch);
  }

  @Override
  public int hashCode() {
    return patch.hashCode();
  }

  /** The patch as JSON text. */
  @Override
  public String toString() {
    return Json.write(patch);
  }

  private static JsonNode merge(@Nullable JsonNode target, JsonNode patch) {
    if (!patch.isObject()) {
      return patch.deepCopy();
    }
    ObjectNode result =
        target instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> entry : patch.properties()) {
      if (entry.getValue().isNull()) {
        result.remove(entry.getKey());
      } else {
        result.set(entry.getKey(), merge(result.get(entry.getKey()), entry.getValue()));
      }
    }
    return result;
  }
}
