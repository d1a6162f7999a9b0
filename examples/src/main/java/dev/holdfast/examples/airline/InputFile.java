package dev.holdfast.examples.airline;

import dev.holdfast.examples.terminal.InputException;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.Json;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON file, somebody's own or one that comes with the example. Immutable.
 *
 * @param name how to call it
 * @param path where it is, null for the bundled one of this name
 */
record InputFile(String name, @Nullable Path path) {

  static InputFile of(Path path) {
    return new InputFile(path.toString(), path);
  }

  static InputFile bundled(String name) {
    return new InputFile(name, null);
  }

  /**
   * The document.
   *
   * @throws InputException when it cannot be read or is not one JSON document in UTF-8
   */
  JsonNode tree() {
    try {
      return Json.parse(text());
    } catch (CharacterCodingException e) {
      throw new InputException(name + " is not a text in UTF-8", e);
    } catch (NoSuchFileException e) {
      throw new InputException("there is no file " + name, e);
    } catch (AccessDeniedException e) {
      throw new InputException("no permission to read " + name, e);
    } catch (IOException e) {
      throw new InputException("cannot read " + name + ": " + e.getMessage(), e);
    } catch (CodecException e) {
      throw new InputException(name + " is not valid JSON: " + e.getMessage(), e);
    }
  }

  private String text() throws IOException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes())).toString();
  }

  private byte[] bytes() throws IOException {
    if (path != null) {
      return Files.readAllBytes(path);
    }
    try (InputStream resource = InputFile.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new FileNotFoundException(name + " is missing among the classes");
      }
      return resource.readAllBytes();
    }
  }

  /**
   * The reservations of a file: an object of objects, by id.
   *
   * @throws InputException when it cannot be read or is anything else
   */
  Map<String, ObjectNode> reservations() {
    if (!(tree() instanceof ObjectNode tree)) {
      throw invalid("it must be an object of reservations by id");
    }
    Map<String, ObjectNode> reservations = new LinkedHashMap<>();
    tree.properties().forEach(entry -> {
      if (!(entry.getValue() instanceof ObjectNode reservation) || reservation.isEmpty()) {
        throw invalid("reservation \"" + entry.getKey() + "\" is not an object with fields");
      }
      reservations.put(entry.getKey(), reservation);
    });
    return reservations;
  }

  /** What to throw when the document is not of the form that is needed. */
  InputException invalid(String what) {
    return new InputException(name + " cannot be used: " + what);
  }
}
