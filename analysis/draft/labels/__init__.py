"""What labels and headers say: times, arms, measures, and the words for them in many languages."""
