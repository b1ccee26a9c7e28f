"""From features of any modality to vectors, and several modalities to one."""
