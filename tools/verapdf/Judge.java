import java.io.File;
import java.util.List;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Are FILES PDF/UA-1 and PDF/A-2a? veraPDF judges. One line for each file and standard, then one for
 * each rule that is broken: "good|bad STANDARD CHECKS FILE" and "broken STANDARD CLAUSE FILE: why".
 * The exit code is 0 where all are good.
 *
 * java -cp '.tools/verapdf/*' tools/verapdf/Judge.java FILE...
 */
public class Judge {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        boolean areGood = true;
        for (String file : files) {
            for (PDFAFlavour standard : List.of(PDFAFlavour.PDFUA_1, PDFAFlavour.PDFA_2_A)) {
                areGood &= judge(file, standard);
            }
        }
        System.exit(areGood ? 0 : 1);
    }

    private static boolean judge(String file, PDFAFlavour standard) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(file), standard);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(standard, false)) {
            ValidationResult said = validator.validate(parser);
            boolean isGood = said.isCompliant();
            System.out.printf("%s %s %d %s%n", isGood ? "good" : "bad", standard, said.getTotalAssertions(), file);
            for (TestAssertion one : said.getTestAssertions()) {
                if (one.getStatus() == TestAssertion.Status.FAILED) {
                    System.out.printf("broken %s %s %s: %s%n", standard, one.getRuleId().getClause(), file, one.getMessage());
                }
            }
            return isGood;
        }
    }
}
